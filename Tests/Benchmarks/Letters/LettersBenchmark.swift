import Foundation
import Mailroom
import MailroomLetters
import MailroomLibraries
import MailroomPDF

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Letters of varied text, one page each, on one core: ours and libharu's in turn.
func lettersFigures() async throws -> [Figure] {
    let bench = try LettersBench()
    return try await bench.peerFigures() + bench.templateFigures() + bench.fontFigures() + bench.sizeFigures()
}

/// What all figures of letters are measured with.
private struct LettersBench {
    private let haru: LibHaru
    private let letters = LetterTexts.make(1_000)
    private let peers: [[[CChar]]]
    private let compressor: PDFCompressor

    init() throws {
        haru = try LibHaru()
        peers = letters.map(\.winAnsi)
        let zlib = try ZlibCompressor(level: 4)
        compressor = PDFCompressor { try zlib.compress($0, into: &$1) }
    }

    /// The PDF alone, kerned and not, beside libharu, which does not kern.
    func peerFigures() async throws -> [Figure] {
        var figures: [Figure] = []
        for (isCompressed, kerning) in [(false, true), (false, false), (true, true), (true, false)] {
            let chosen = isCompressed ? compressor : nil
            let result = try await compared(
                rounds: 15, ground: { haruRate(isCompressed: isCompressed) },
                ours: { try rate(of: letters) { try pdf($0, kerning: kerning, compressor: chosen).count } })
            let name = "PDF\(isCompressed ? ", compressed" : "")\(kerning ? "" : ", not kerned")"
            figures.append(
                Figure(
                    name: "\(name); libharu \(Int(result.ground))", unit: "/s", value: result.ours,
                    limit: isCompressed ? 2 : 4, ratio: result.ratio))
        }
        return figures
    }

    /// From a template and values to text, HTML and PDF; and Mustache alone.
    func templateFigures() async throws -> [Figure] {
        let source =
            "---\nsubject: {{title}}\nattachment: letter.pdf\n---\n# {{title}}\n\n{{a}}\n\n{{b}}\n\n{{c}}\n\n{{d}}\n"
        let renderer = LetterRenderer(templates: [try Template(source: Array(source.utf8))])
        let documents = letters.map { letter in
            Document(
                template: "template",
                values: [
                    "title": .text(letter.title), "a": .text(letter.paragraphs[0]), "b": .text(letter.paragraphs[1]),
                    "c": .text(letter.paragraphs[2]), "d": .text(letter.paragraphs[3]),
                ])
        }
        let result = try await compared(
            rounds: 15, ground: { haruRate(isCompressed: false) },
            ours: {
                let start = ContinuousClock.now
                for document in documents { _ = try await renderer.render(document) }
                return Double(documents.count) / (ContinuousClock.now - start).inSeconds
            })
        return [
            Figure(
                name: "text, HTML and PDF of a template; libharu \(Int(result.ground))", unit: "/s",
                value: result.ours, limit: 1.5, ratio: result.ratio),
            Figure(
                name: "interpolations", unit: "/s", value: try await interpolationRate(), limit: 5_000_000),
        ]
    }

    /// Values that Mustache puts in a second: 50,000 in each text, of ten names.
    private func interpolationRate() async throws -> Double {
        let names = (0..<10).map { "value\($0)" }
        let text = Array(String(repeating: names.map { "{{\($0)}} " }.joined() + "\n", count: 5_000).utf8)
        let front = Array("---\nsubject: s\n---\n".utf8)
        let renderer = LetterRenderer(files: TemplateFiles(["t.md": front, "t.txt": text]))
        let values = Dictionary(uniqueKeysWithValues: names.map { ($0, Document.Value.text("\($0) of ours")) })
        let document = Document(template: "t", values: values)
        var rates: [Double] = []
        for _ in 0..<15 {
            let start = ContinuousClock.now
            guard try await renderer.render(document).text?.utf8.count == 5_000 * 151 else {
                throw BenchmarkError("the text is not what it should be")
            }
            rates.append(50_000 / (ContinuousClock.now - start).inSeconds)
        }
        return median(rates)
    }

    /// An embedded font whose subset is kept, beside a font that every reader has.
    func fontFigures() async throws -> [Figure] {
        guard let file = FileManager.default.contents(atPath: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") else {
            throw BenchmarkError("the font DejaVu Sans is not installed: apt-get install fonts-dejavu-core")
        }
        let family = PDFFontFamily(regular: try PDFFont(Array(file)))
        var figures: [Figure] = []
        for compressor in [nil, compressor] {
            let result = try await compared(
                rounds: 15, ground: { try rate(of: letters) { try pdf($0, compressor: compressor).count } },
                ours: { try rate(of: letters) { try pdf($0, family: family, compressor: compressor).count } })
            figures.append(
                Figure(
                    name: "cost of an embedded font\(compressor == nil ? "" : ", compressed")", unit: "/s",
                    value: result.ours, limit: 1.5, ratio: 1 / result.ratio, isCeiling: true))
        }
        return figures
    }

    /// The file's size, the memory of many letters, and a document of many pages.
    func sizeFigures() throws -> [Figure] {
        let size = try letters.reduce(0) { try $0 + pdf($1, compressor: compressor).count }
        let peerSize = peers.reduce(0) { $0 + haru.write($1, isCompressed: true) }
        func write(_ count: Int) throws {
            for index in 0..<count { _ = try pdf(letters[index % letters.count], compressor: compressor) }
        }
        try write(10_000)
        let resident = try residentOctets()
        try write(100_000)
        let growth = try residentOctets() - resident
        let paragraphs = letters.flatMap(\.paragraphs)
        let start = ContinuousClock.now
        var long = PDFDocument(PDFProperties(title: "Long", created: PDFDate(secondsSince1970: 0)))
        for index in 0..<5_000 { long.addParagraph(paragraphs[index % paragraphs.count]) }
        let octets = try long.finish()
        let time = (ContinuousClock.now - start).inSeconds
        let pages = Self.pages(of: octets)
        return [
            Figure(
                name: "size of a compressed PDF; libharu \(peerSize / peers.count)", unit: "octets",
                value: Double(size / letters.count), limit: 1, ratio: Double(size) / Double(peerSize), isCeiling: true),
            Figure(
                name: "memory that 100,000 letters add", unit: "KiB", value: Double(growth) / 1_024, limit: 2_048,
                isCeiling: true),
            Figure(
                name: "1,000 pages (of \(pages) in one document)", unit: "ms", value: time * 1_000_000 / Double(pages),
                limit: 300, isCeiling: true),
        ]
    }

    private static func pages(of octets: [UInt8]) -> Int {
        String(decoding: octets, as: UTF8.self).components(separatedBy: "/Type/Page/").count - 1
    }

    private func haruRate(isCompressed: Bool) -> Double {
        rate(of: peers) { haru.write($0, isCompressed: isCompressed) }
    }
}

/// What this process has in memory now.
private func residentOctets() throws -> Int {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/statm"),
        let words = try file.readToEnd().map({ String(decoding: $0, as: UTF8.self).split(separator: " ") }),
        words.count > 1, let pages = Int(words[1])
    else { throw BenchmarkError("this system does not say how much memory a process has") }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}

/// How many letters a second a body writes, one after the other.
private func rate<Letter>(of letters: [Letter], _ body: (Letter) throws -> Int) rethrows -> Double {
    let start = ContinuousClock.now
    var octets = 0
    for letter in letters { octets += try body(letter) }
    precondition(octets > 0)
    return Double(letters.count) / (ContinuousClock.now - start).inSeconds
}

/// The letter that libharu writes, as ours.
private func pdf(
    _ letter: LetterTexts, family: PDFFontFamily = .helvetica, kerning: Bool = true, compressor: PDFCompressor?
) throws -> [UInt8] {
    var document = PDFDocument(
        PDFProperties(
            title: letter.title, created: PDFDate(secondsSince1970: 1_784_628_915),
            margins: PDFMargins(top: 50, right: 50, bottom: 50, left: 50)),
        compressor: compressor)
    document.addParagraph(letter.title, style: PDFParagraphStyle(family: family, size: 18, spaceAfter: 30))
    let style = PDFParagraphStyle(family: family, size: 11, spaceAfter: 12, kerning: kerning)
    for paragraph in letter.paragraphs { document.addParagraph(paragraph, style: style) }
    return try document.finish()
}

import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import MailroomTemplates
import TestSupport
import XCTest

/// Every letter that comes with Mailroom, and hard ones, before the judgement of programs that are not ours.
final class ValidatedLettersTests: XCTestCase {
    /// Fonts in place of the standard ones, which PDF/A does not allow.
    private static let embedded = [
        "font: serif.ttf", "font-bold: bold.ttf", "font-italic: italic.ttf", "font-bold-italic: bold.ttf",
    ]

    private func fonts() throws -> [String: [UInt8]] {
        try [
            "serif.ttf": font("dejavu/DejaVuSerif.ttf"), "bold.ttf": font("dejavu/DejaVuSerif-Bold.ttf"),
            "italic.ttf": font("dejavu/DejaVuSerif-Italic.ttf"),
        ]
    }

    /// A template with other lines in its front matter.
    private func source(_ source: [UInt8], without keys: [String] = [], adding lines: [String]) -> [UInt8] {
        var all = String(decoding: source, as: UTF8.self).components(separatedBy: "\n")
        all.removeAll { line in keys.contains { line.hasPrefix($0 + ":") } }
        all.insert(contentsOf: lines, at: 1)
        return Array(all.joined(separator: "\n").utf8)
    }

    private func sample(_ source: [UInt8], fonts: [String: [UInt8]] = [:]) async throws -> RenderedDocument {
        let renderer = LetterRenderer(files: TemplateFiles(["letter.md": source].merging(fonts) { $1 }))
        let problems = renderer.configurationProblems(in: PipelineContext(limits: PipelineLimits()))
        XCTAssertEqual(problems.map(\.description), [])
        let name = try XCTUnwrap(renderer.templateNames.first)
        return try await renderer.rendering(try XCTUnwrap(renderer.sampleValues(of: name)), of: name)
    }

    /// Looks at a letter by qpdf, poppler and mutool; both that draw must draw the same.
    private func validate(_ letter: RenderedDocument, _ name: String, isEmbedded: Bool = false) throws {
        let pdf = try XCTUnwrap(letter.attachments.first { $0.mediaType == .pdf }, name).bytes
        let check = try Programs.output(of: "qpdf", ["--check"], over: pdf)
        XCTAssert(check.contains("No syntax or stream encoding errors"), "\(name): \(check)")
        let rows = try Programs.output(of: "pdffonts", over: pdf).split(separator: "\n").dropFirst(2)
        XCTAssertFalse(rows.isEmpty, name)
        if isEmbedded { for row in rows { XCTAssert(row.contains("yes yes yes"), "\(name): \(row)") } }
        XCTAssertEqual(
            Self.words(try Programs.words(of: pdf)).subtracting(Self.words(letter.text ?? "")), [],
            "\(name): the PDF's words beyond those of the text")
        XCTAssertEqual(
            Self.words(Self.withoutAddresses(letter.text ?? "")).subtracting(Self.words(try Programs.words(of: pdf))),
            [],
            "\(name): the text's words beyond those of the PDF")
        let poppler = try GreyPages.drawn(by: "pdftoppm", ["-r", "60", "-gray"], over: pdf)
        let mupdf = try GreyPages.drawn(by: "mutool", ["draw", "-q", "-r", "60", "-c", "gray", "-F", "pgm"], over: pdf)
        XCTAssertEqual(poppler.count, mupdf.count, name)
        for (page, (one, other)) in zip(poppler, mupdf).enumerated() {
            XCTAssertGreaterThan(one.ink, 0, "\(name), page \(page + 1)")
            XCTAssertLessThan(one.difference(from: other), 0.12, "\(name), page \(page + 1)")
        }
    }

    /// A text without the addresses of links, which stand behind the links' own words.
    private static func withoutAddresses(_ text: String) -> String { text.replacing(#/<[a-z]+:[^>]*>/#, with: "") }

    /// Words but for what only one of the outputs has: underlines, bullets, numbers of pages.
    private static func words(_ text: String) -> Set<String> {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return Set(words.filter { $0.contains(where: \.isLetter) })
    }

    func testEveryLetterIsSoundAsShipped() async throws {
        XCTAssertGreaterThanOrEqual(Shipped.templates.count, 6)
        for (name, bytes) in Shipped.templates.sorted(by: { $0.key < $1.key }) {
            try validate(try await sample(bytes), name)
            try validate(try await sample(source(bytes, without: ["compress"], adding: ["compress: yes"])), name)
        }
    }

    func testEveryLetterCanBeArchived() async throws {
        for (name, bytes) in Shipped.templates.sorted(by: { $0.key < $1.key }) {
            for compress in ["yes", "no"] {
                let lines = Self.embedded + ["pdfa: 1b", "compress: \(compress)"]
                let archived = source(bytes, without: ["font", "compress", "pdfa"], adding: lines)
                let letter = try await sample(archived, fonts: fonts())
                try validate(letter, name, isEmbedded: true)
                guard compress == "yes" else { continue }
                XCTAssertEqual(try Programs.faultsAsPDFA1b(of: letter.attachments[0].bytes), [], name)
            }
        }
    }

    func testHardLettersAreSound() async throws {
        for (name, body) in Self.hard.sorted(by: { $0.key < $1.key }) {
            for lines in [["compress: no"], ["compress: yes", "pdfa: 1b"], ["compress: yes", "pdfa: 2b"]] {
                let front =
                    ["---", "subject: Hard", "attachment: hard.pdf", "align: justified"] + Self.embedded + lines
                let bytes = Array((front + ["---", body]).joined(separator: "\n").utf8)
                let letter = try await sample(bytes, fonts: fonts())
                try validate(letter, "\(name), \(lines)", isEmbedded: true)
                guard lines.last == "pdfa: 1b" else { continue }
                XCTAssertEqual(try Programs.faultsAsPDFA1b(of: letter.attachments[0].bytes), [], name)
            }
        }
    }

    private static let hard = [
        "scripts": """
        # Zażółć gęślą jaźń

        Pójdź, kińże tę chmurność w głąb flaszy! Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.
        Съешь же ещё этих мягких французских булок, да выпей чаю. Dès Noël où un zéphyr haï me vêt de glaçons würmiens :
        « je dîne d’exquis rôtis de bœuf au kir à l’aÿ d’âge mûr & cætera ! » Příliš žluťoučký kůň úpěl ďábelské ódy.
        """,
        "table over pages": "| Day | Rider | Hours |\n| :-- | :-: | --: |\n"
            + (1...120).map { "| day\($0) | **rider** \($0) of *ours* | \($0) |\n" }.joined(),
        "long paragraphs": (1...40).map { "word\($0) " + String(repeating: "encore un peu de texte, ", count: 30) }
            .joined(separator: "\n\n"),
        "nested":
            "- one\n  - two\n    - three\n      1. four\n      2. five\n\n        more\n- end\n\n---\n\n## After\n\nlast",
        "links":
            "[a page](https://example.org/a?b=c&d=(e)) and <mailto:anna@example.org>, **[strong](https://example.org/)**.",
        "pages": "first\n\n\\newpage\n\nsecond\n\n::: signature\nsigned\n\n\n\nby hand\n:::\n",
    ]
}

/// A page as a program drew it, in greys.
struct GreyPages {
    let width: Int
    let height: Int
    let dots: ArraySlice<UInt8>

    static func drawn(by program: String, _ arguments: [String], over pdf: [UInt8]) throws -> [GreyPages] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "letter.pdf")
        try Data(pdf).write(to: file)
        let target = folder.path + "/page"
        let words =
            program == "mutool"
            ? [arguments[0], "-o", target + "-%03d.pgm"] + arguments.dropFirst() + [file.path]
            : arguments + [file.path, target]
        let outcome = try Programs.run(try Programs.path(of: program), words)
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pgm") }.sorted()
            .map { name in
                let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
                return try XCTUnwrap(GreyPages(bytes), name)
            }
    }

    /// Reads a picture in the format PGM: a head of four words, and a byte for each dot.
    private init?(_ bytes: [UInt8]) {
        var words: [String] = []
        var place = 0
        while words.count < 4, place < bytes.count {
            let end = bytes[place...].firstIndex { $0 <= 32 } ?? bytes.count
            words.append(String(decoding: bytes[place..<end], as: UTF8.self))
            place = end + 1
        }
        guard words.count == 4, words[0] == "P5", let width = Int(words[1]), let height = Int(words[2]),
            bytes.count - place == width * height
        else { return nil }
        (self.width, self.height, dots) = (width, height, bytes[place...])
    }

    /// How much black there is.
    var ink: Double { squares().reduce(0, +) }

    /// Which part of the ink stands elsewhere: 0 for the same page, 1 for pages that have nothing in common. Squares of
    /// 16 dots are compared, so that what the programs smooth differently hardly counts.
    func difference(from other: GreyPages) -> Double {
        let (one, two) = (squares(), other.squares())
        let (oneInk, twoInk) = (max(one.reduce(0, +), 1), max(two.reduce(0, +), 1))
        return zip(one, two).reduce(0) { $0 + abs($1.0 / oneInk - $1.1 / twoInk) } / 2
    }

    private func squares() -> [Double] {
        let columns = width / 16 + 1
        var sums = [Double](repeating: 0, count: columns * (height / 16 + 1))
        dots.withUnsafeBufferPointer { dots in
            for row in 0..<height {
                for column in 0..<width where dots[row * width + column] < 255 {
                    sums[row / 16 * columns + column / 16] += Double(255 - Int(dots[row * width + column]))
                }
            }
        }
        return sums
    }
}

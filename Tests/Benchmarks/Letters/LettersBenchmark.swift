import Foundation
import Mailroom
import MailroomLetters
import MailroomLibraries
import MailroomPDF

/// Letters of varied text, one page each, on one core: ours and libharu's in turn.
func lettersFigures() async throws -> [Figure] {
    let haru = try LibHaru()
    let letters = LetterTexts.make(1_000)
    let peers = letters.map(\.winAnsi)
    let compressor = try ZlibCompressor(level: 4).forPDF

    var figures: [Figure] = []
    for isCompressed in [false, true] {
        let chosen = isCompressed ? compressor : nil
        let result = try await compared(
            rounds: 15, ground: { rate(of: peers) { haru.write($0, isCompressed: isCompressed) } },
            ours: { try rate(of: letters) { try pdf($0, compressor: chosen).count } })
        figures.append(
            Figure(
                name: "PDF\(isCompressed ? ", compressed" : ""), libharu \(Int(result.ground))", unit: "/s",
                value: result.ours, limit: isCompressed ? 2 : 4, ratio: result.ratio))
    }
    let size = try letters.reduce(0) { try $0 + pdf($1, compressor: compressor).count }
    let peerSize = peers.reduce(0) { $0 + haru.write($1, isCompressed: true) }
    figures.append(
        Figure(
            name: "size of a compressed PDF, libharu \(peerSize / peers.count)", unit: "octets",
            value: Double(size / letters.count), limit: 1, ratio: Double(size) / Double(peerSize), isCeiling: true))
    return figures
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

extension ZlibCompressor {
    /// As the PDF writer takes it.
    fileprivate var forPDF: PDFCompressor { PDFCompressor { try compress($0, into: &$1) } }
}

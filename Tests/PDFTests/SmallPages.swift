import MailroomPDF
import TestSupport

/// Pages of 300 by 200 points, with room for exactly ten lines of 10 points.
enum SmallPages {
    static let line = PDFParagraphStyle(size: 8, leading: 10, spaceAfter: 0)

    static var heading: PDFParagraphStyle {
        var style = line
        style.keepsWithNext = true
        return style
    }

    static func document(
        firstPageTop: Double? = nil, firstPageBottom: Double? = nil, header: PDFRunningLine? = nil,
        footer: PDFRunningLine? = nil
    ) -> PDFDocument {
        PDFDocument(
            PDFProperties(
                title: "t", created: PDFDate(secondsSince1970: 0), page: PDFPageSize(width: 300, height: 200),
                margins: PDFMargins(top: 50, right: 20, bottom: 50, left: 20), firstPageTop: firstPageTop,
                firstPageBottom: firstPageBottom, header: header, footer: footer))
    }

    /// The words of each page, joined by single spaces.
    static func texts(of pdf: [UInt8]) throws -> [String] {
        try Programs.output(of: "pdftotext", ["-enc", "UTF-8"], over: pdf, after: ["-"])
            .split(separator: "\u{C}", omittingEmptySubsequences: false).dropLast()
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    /// A word and its box, in points from the page's upper left corner.
    struct Word {
        let page: Int
        let text: String
        let left: Double
        let top: Double
        let right: Double
        let bottom: Double
    }

    /// Every word with its place, pages counted from 1.
    static func words(of pdf: [UInt8]) throws -> [Word] {
        var page = 0
        var words: [Word] = []
        for line in try Programs.output(of: "pdftotext", ["-bbox"], over: pdf, after: ["-"]).split(separator: "\n") {
            if line.contains("<page") { page += 1 }
            let parts = line.split(separator: "\"")
            guard line.contains("<word"), parts.count == 9 else { continue }
            let text = parts[8].dropFirst().prefix { $0 != "<" }
            let box = [1, 3, 5, 7].map { Double(parts[$0]) ?? .nan }
            words.append(
                Word(page: page, text: String(text), left: box[0], top: box[1], right: box[2], bottom: box[3]))
        }
        return words
    }
}

extension PDFDocument {
    /// Adds lines of 10 points: `p1`, `p2` and so on.
    mutating func addLines(_ count: Int) {
        for number in 0..<count { addParagraph("p\(number + 1)", style: SmallPages.line) }
    }
}

import Foundation
import TestSupport
import XCTest

@testable import MailroomPDF

/// Fonts that systems have, by name; a test that needs one is skipped where it is not.
enum FontFiles {
    private static let folders = [
        "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/lato",
        "/usr/share/fonts/truetype/noto", "/usr/share/fonts/dejavu-sans-fonts", "/Library/Fonts",
    ]

    static func path(_ name: String) throws -> String {
        for folder in folders where FileManager.default.isReadableFile(atPath: "\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        throw lacking("the font \(name) is not installed")
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: try path(name))))
    }

    static func font(_ name: String, subset: PDFFont.Subset = .shared) throws -> PDFFont {
        try PDFFont(try bytes(name), subset: subset)
    }

    /// The codes of a text, all of which the font must have.
    static func codes(of text: String, in font: PDFFont) throws -> [UInt16] {
        try text.unicodeScalars.map { try XCTUnwrap(font.code(of: $0.value), "U+\(String($0.value, radix: 16))") }
    }

    /// A PDF of one page and one line of text.
    static func page(
        _ text: String, in font: PDFFont, compressor: PDFCompressor? = nil, listsCodes: Bool = false
    ) throws -> [UInt8] {
        var file = ObjectFile(fixedObjects: 4, compressor: compressor)
        let codes = try codes(of: text, in: font)
        let number = font.write(into: &file, used: CodeSet(codes), listsCodes: listsCodes)
        var content: [UInt8] = []
        content.append("BT/F1 16 Tf 40 60 Td<")
        for code in codes {
            content.append(hex: UInt8(code >> 8))
            content.append(hex: UInt8(truncatingIfNeeded: code))
        }
        content.append(">Tj ET")
        let shown = file.addStream([], content: content)
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1000 120]/Resources<</Font<</F1 \(number) 0 R>>>>"
                + "/Contents \(shown) 0 R>>", "<</Title(Line)>>",
        ]
        for (index, object) in objects.enumerated() {
            file.beginObject(index + 1)
            file.bytes.append(contentsOf: object.utf8)
            file.endObject()
        }
        file.finish(root: 1, properties: 4)
        return file.bytes
    }

    /// What a Python program that has fontTools prints, given a font file, bytes in a second file, and its input.
    static func oracle(_ program: String, font name: String, bytes: [UInt8] = [], input: String = "") throws -> String {
        let python = try Programs.python(with: "fontTools")
        let folder = TestFolder()
        let file = try folder.file("bytes", bytes)
        let outcome = try Programs.run(python, ["-c", program, try path(name), file], input: Array(input.utf8))
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        return outcome.output
    }
}

import Foundation
import XCTest

extension Programs {
    /// Runs a program over a PDF in a file of its own and gives what it prints; fails where it finds fault with it.
    package static func output(
        of program: String, _ arguments: [String] = [], over pdf: [UInt8], after: [String] = []
    ) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pdf")
        try Data(pdf).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try run(program, arguments + [file.path] + after)
        let text = outcome.output + outcome.errors
        XCTAssertEqual(outcome.status, 0, "\(program): \(text)")
        XCTAssertFalse(text.contains("Syntax Error") || text.contains("Internal Error"), text)
        return text
    }

    /// The words that pdftotext finds, joined by single spaces: in reading order, or as they lie on the page.
    package static func words(of pdf: [UInt8], asLaidOut: Bool = false) throws -> String {
        try output(of: "pdftotext", (asLaidOut ? ["-layout"] : []) + ["-enc", "UTF-8"], over: pdf, after: ["-"])
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

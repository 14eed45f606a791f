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

    /// What PDFBox Preflight finds wrong with a document as PDF/A-1b: a line for each rule broken; empty if none is.
    /// Skips the test where Java or a library is lacking. Debian has them in libpdfbox2-java, libfontbox2-java,
    /// libcommons-logging-java, libcommons-io-java, libactivation-java and libjaxb-api-java.
    package static func faultsAsPDFA1b(of pdf: [UInt8]) throws -> [String] {
        let java = try path(of: "java")
        let names = [
            "preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation",
            "jaxb-api",
        ]
        let libraries = names.map { "/usr/share/java/\($0).jar" }
        for library in libraries where !FileManager.default.isReadableFile(atPath: library) {
            throw lacking("\(library) is not installed")
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pdf")
        try Data(pdf).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try run(
            java,
            ["-cp", libraries.joined(separator: ":"), "org.apache.pdfbox.preflight.Validator_A1b", file.path])
        let text = outcome.output + outcome.errors
        if outcome.output.contains("is a valid PDF/A-1b file") { return [] }
        let faults = outcome.output.split(separator: "\n").map(String.init).filter { $0.first?.isNumber == true }
        return faults.isEmpty ? ["Preflight gave no verdict: \(text)"] : faults
    }
}

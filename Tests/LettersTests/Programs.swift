import Foundation
import XCTest

/// Runs a program over a PDF in a file of its own and gives what it prints; skips where the program is absent.
func output(of program: String, _ arguments: [String] = [], over pdf: [UInt8], after: [String] = []) throws -> String {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    guard let path = places.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile) else {
        if ProcessInfo.processInfo.environment["MAILROOM_REQUIRE_PEERS"] == "1" {
            XCTFail("\(program) is not installed")
        }
        throw XCTSkip("\(program) is not installed")
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pdf")
    try Data(pdf).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments + [file.path] + after
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let printed = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, "\(program): \(String(decoding: printed, as: UTF8.self))")
    let text = String(decoding: printed, as: UTF8.self)
    XCTAssertFalse(text.contains("Syntax Error") || text.contains("Internal Error"), text)
    return text
}

/// The words that pdftotext finds, in reading order, joined by single spaces.
func words(of pdf: [UInt8]) throws -> String {
    try output(of: "pdftotext", ["-layout", "-enc", "UTF-8"], over: pdf, after: ["-"])
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

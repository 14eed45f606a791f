import Foundation
import XCTest

/// Other programs that tests talk to.
enum Programs {
    /// Where a program is; skips the test where it is not, or fails it if peers are required.
    static func path(of name: String) throws -> String {
        let folders =
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/sbin", "/usr/bin"]
        if let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) {
            return "\(folder)/\(name)"
        }
        if ProcessInfo.processInfo.environment["MAILROOM_REQUIRE_PEERS"] == "1" {
            XCTFail("\(name) is needed for this test; install it.")
        }
        throw XCTSkip("\(name) is not installed.")
    }

    /// Runs a program to its end.
    static func run(_ name: String, _ arguments: [String], input: String? = nil) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path(of: name))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let stdin = Pipe()
        process.standardInput = input == nil ? FileHandle.nullDevice : stdin
        try process.run()
        if let input {
            try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try stdin.fileHandleForWriting.close()
        }
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}

package import Foundation
import Synchronization
package import XCTest

/// What a test throws that cannot be made here, because of a program or a right that this machine lacks: it skips the
/// test, having failed it where the environment says `MAILROOM_REQUIRE_PEERS=1`.
package func lacking(_ reason: String, file: StaticString = #filePath, line: UInt = #line) -> XCTSkip {
    if ProcessInfo.processInfo.environment["MAILROOM_REQUIRE_PEERS"] == "1" {
        XCTFail("\(reason); this test needs it: see to it, or unset MAILROOM_REQUIRE_PEERS", file: file, line: line)
    }
    return XCTSkip("\(reason).", file: file, line: line)
}

/// Other programs that tests talk to.
package enum Programs {
    /// What a program did.
    package struct Outcome {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// Where a program is; skips the test where it is not, or fails it if peers are required.
    package static func path(of name: String) throws -> String {
        if let path = find(name) { return path }
        throw lacking("\(name) is not installed")
    }

    /// Where a program of this package is, beside the tests; skips the test where it was not built, or fails it if peers
    /// are required. `swift build --build-tests` builds it.
    package static func built(_ name: String, for test: AnyClass) throws -> URL {
        let bundle = Bundle(for: test).bundleURL.deletingLastPathComponent()
        for folder in [bundle, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()] {
            let file = folder.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: file.path(percentEncoded: false)) { return file }
        }
        throw lacking("\(name) is not built: swift build --build-tests does that")
    }

    /// A Python interpreter that has these modules. The system's own comes first: it is the one that has what the
    /// system's packages bring. Where none has them the test is skipped, or fails if peers are required, unless the
    /// modules are `optional`: those that no system has packages of.
    package static func python(with modules: String..., optional: Bool = false) throws -> String {
        let script = "import " + (["sys"] + modules).joined(separator: ", ")
        for path in ["/usr/bin/python3", find("python3")].compactMap(\.self) {
            guard FileManager.default.isExecutableFile(atPath: path) else { continue }
            if try run(path, ["-c", script]).status == 0 { return path }
        }
        let reason = "no python3 has the modules \(modules.joined(separator: ", "))"
        throw optional ? XCTSkip("\(reason).") : lacking(reason)
    }

    /// Where Perl is, if it has these modules.
    package static func perl(with modules: String...) throws -> String {
        let perl = try path(of: "perl")
        guard try run(perl, modules.map { "-M\($0)" } + ["-e1"]).status == 0 else {
            throw lacking("perl lacks one of the modules \(modules.joined(separator: ", "))")
        }
        return perl
    }

    /// Runs a program, by name or path, to its end; fails the test where it does not end in time.
    package static func run(
        _ name: String, _ arguments: [String], input: some Sequence<UInt8> = [], in folder: URL? = nil,
        within limit: Duration = .seconds(60)
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: name.contains("/") ? name : try path(of: name))
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        let number = process.processIdentifier
        let isOverdue = Mutex(false)
        let watch = DispatchWorkItem {
            isOverdue.withLock { $0 = true }
            kill(number, SIGKILL)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + Double(limit.components.seconds), execute: watch)
        let errors = Collected(stderr.fileHandleForReading)
        let feeding = Thread { [bytes = Data(input), end = stdin.fileHandleForWriting] in
            try? end.write(contentsOf: bytes)
            try? end.close()
        }
        feeding.start()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        watch.cancel()
        if isOverdue.withLock({ $0 }) { XCTFail("\(name) had not ended after \(limit)") }
        return Outcome(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self), errors: errors.text)
    }

    private static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }

    /// What comes out of a pipe, read on a thread of its own so that the program never waits.
    private final class Collected: @unchecked Sendable {
        private var bytes = Data()
        private let end = DispatchSemaphore(value: 0)

        init(_ pipe: FileHandle) {
            Thread.detachNewThread {
                self.bytes = (try? pipe.readToEnd()) ?? Data()
                self.end.signal()
            }
        }

        var text: String {
            end.wait()
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

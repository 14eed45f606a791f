import Foundation
import XCTest

/// strace, attached to this very process and writing down its system calls, from its start to ``stop()``.
package final class SystemCallTrace {
    private let process = Process()

    /// Attaches it, or skips the test where that is not allowed.
    package init(of calls: String, into file: String) throws {
        process.executableURL = URL(filePath: try Programs.path(of: "strace"))
        process.arguments = ["-f", "-y", "-s", "64", "-e", "trace=\(calls)", "-o", file, "-p", "\(getpid())"]
        let messages = Pipe()
        process.standardError = messages
        try process.run()
        var greeting = ""
        while !greeting.contains("attached") {
            let words = messages.fileHandleForReading.availableData
            if words.isEmpty { break }
            greeting += String(decoding: words, as: UTF8.self)
        }
        guard greeting.contains("attached") else {
            throw lacking("this process may not be traced: \(greeting)")
        }
    }

    deinit { stop() }

    /// Kills it: a tracer that is killed lets go of what it traces.
    package func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

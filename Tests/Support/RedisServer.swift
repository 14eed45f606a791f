import Foundation

/// A redis-server of a test's own on a port of 127.0.0.1, with a folder of its own, from its start to ``stop()``.
///
/// Started by a test, never by a property: a process makes all its test cases at once.
package final class RedisServer {
    package let port: Int
    package let folder = TestFolder()
    private let program: String
    private let arguments: [String]
    private var process: RunningProgram

    /// Starts it with these settings, each `--name value`, and returns when it answers. Skips the test where the program
    /// is not installed. `MAILROOM_REDIS_SERVER` names another program for all tests, such as valkey-server.
    package init(_ settings: [String] = [], program: String? = nil) throws {
        let named = program ?? ProcessInfo.processInfo.environment["MAILROOM_REDIS_SERVER"] ?? "redis-server"
        self.program = named.contains("/") ? named : try Programs.path(of: named)
        for attempt in 0... {
            let port = try RedisServer.freePort()
            let arguments =
                [
                    "--port", String(port), "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--logfile",
                    folder.path + "/log", "--enable-debug-command", "yes",
                    "--repl-diskless-sync-delay", "0",
                ] + settings
            let process = try RunningProgram(self.program, arguments)
            if RedisServer.answers(port, process) {
                (self.port, self.arguments, self.process) = (port, arguments, process)
                return
            }
            // Somebody else may have taken the port.
            guard attempt < 5 else { throw NotStarted(log: folder.text("log") ?? "") }
        }
        preconditionFailure("the loop ends by itself")
    }

    /// Where Valkey's server is; `nil` where it is not installed, as on a Debian of 2023.
    package static var valkey: String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { "\($0)/valkey-server" }.first(where: FileManager.default.isExecutableFile)
    }

    package struct NotStarted: Error {
        package let log: String
    }

    deinit { stop() }

    /// Kills it at once, as a crash does.
    package func stop() { process.stop() }

    /// Starts it again on its port and folder, and returns when it answers.
    package func start() throws {
        process.stop()
        process = try RunningProgram(program, arguments)
        guard RedisServer.answers(port, process) else { throw NotStarted(log: folder.text("log") ?? "") }
    }

    /// Starts it again with further settings, and returns at once.
    package func startWithoutWaiting(_ settings: [String] = []) throws {
        process.stop()
        process = try RunningProgram(program, arguments + settings)
    }

    /// Has redis-cli send a command; gives its answer.
    @discardableResult
    package func ask(_ words: String..., options: [String] = []) throws -> String {
        try Programs.run("redis-cli", ["-p", String(port)] + options + words).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func answers(_ port: Int, _ process: RunningProgram) -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while process.isRunning, .now < deadline {
            let answer = try? Programs.run("redis-cli", ["-p", String(port), "PING"])
            // A password or a load under way is an answer, too.
            if let text = answer?.output, text.contains("PONG") || text.contains("NOAUTH") { return true }
        }
        return false
    }

    private static func freePort() throws -> Int {
        let port = try ClosedPort()
        return port.port
    }
}

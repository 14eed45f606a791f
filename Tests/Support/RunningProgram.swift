package import Foundation

/// A server of others that a test talks to, from its start to ``stop()``.
package final class RunningProgram {
    private let process = Process()

    /// Starts it by name or path. What it prints goes to `log`, or nowhere.
    package init(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], log: FileHandle? = nil
    ) throws {
        process.executableURL = URL(filePath: name.contains("/") ? name : try Programs.path(of: name))
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log ?? FileHandle.nullDevice
        process.standardError = log ?? FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    package var isRunning: Bool { process.isRunning }

    /// Kills it, since a child of a runtime's thread inherits a signal mask that holds back gentler signals.
    package func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

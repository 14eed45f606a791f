import Foundation

/// Where a command writes.
public struct Console: Sendable {
    package let write: @Sendable (String) -> Void
    let writeError: @Sendable (String) -> Void
    /// Whether a person watches: progress is drawn in place then.
    let isTerminal: Bool

    /// A console of one's own, such as a test's.
    public init(
        isTerminal: Bool = false, write: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void
    ) {
        self.write = write
        self.writeError = writeError
        self.isTerminal = isTerminal
    }

    /// The process' standard output and error.
    public static let standard = Console(
        isTerminal: isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb",
        write: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
        writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })

    package func line(_ text: String) { write(text + "\n") }

    package func error(_ text: String) { writeError(text + "\n") }
}

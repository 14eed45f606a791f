import Foundation

/// Where a command writes.
public struct Console: Sendable {
    package let write: @Sendable (String) -> Void
    /// Writes octets that are no text; `nil` where a person would have to read them.
    let writeBytes: (@Sendable ([UInt8]) throws -> Void)?
    let writeError: @Sendable (String) -> Void
    /// Whether a person watches: progress is drawn in place then.
    let isTerminal: Bool
    /// Reads a line that a person types: `nil` at the end of input. `nil` itself where nobody can be asked.
    let readAnswer: (@Sendable () async -> String?)?

    /// A console of one's own, such as a test's.
    public init(
        isTerminal: Bool = false, write: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void
    ) {
        self.init(isTerminal: isTerminal, write: write, writeError: writeError, readAnswer: nil)
    }

    package init(
        isTerminal: Bool = false, write: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void, readAnswer: (@Sendable () async -> String?)?,
        writeBytes: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) {
        self.write = write
        self.writeBytes = writeBytes
        self.writeError = writeError
        self.isTerminal = isTerminal
        self.readAnswer = readAnswer
    }

    /// The process' standard output and error.
    public static let standard = Console(
        isTerminal: isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb",
        write: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
        writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
        readAnswer: isatty(STDIN_FILENO) == 1 ? readTypedLine : nil,
        writeBytes: isatty(STDOUT_FILENO) == 1 ? nil : writeOut)

    @Sendable
    private static func writeOut(_ bytes: [UInt8]) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            throw OutputError(reason: error.systemReason)
        }
    }

    /// Standard output that takes nothing more.
    private struct OutputError: Error, CustomStringConvertible {
        let reason: String

        var description: String { "standard output cannot be written to: \(reason)" }
    }

    /// On a thread of its own: a person takes their time.
    @Sendable
    private static func readTypedLine() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }

    /// Asks a person. False where the answer is not yes.
    func confirms(_ question: String) async -> Bool {
        writeError("\(question) [y/N] ")
        guard let answer = await readAnswer?() else {
            error("")
            return false
        }
        return ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace })
    }

    /// Writes what a program may read on: an error where it was not all taken.
    func write(_ bytes: [UInt8]) throws {
        guard let writeBytes else { return write(String(decoding: bytes, as: UTF8.self)) }
        try writeBytes(bytes)
    }

    package func line(_ text: String) { write(text + "\n") }

    package func error(_ text: String) { writeError(text + "\n") }

    /// A text of others, in one line and without control characters, which could take over a terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(
            String.UnicodeScalarView(
                text.replacingOccurrences(of: "\r\n", with: " ").unicodeScalars.map { scalar in
                    guard isControl(scalar) else { return scalar }
                    return scalar == "\n" || scalar == "\t" || scalar == "\r" ? " " : "\u{FFFD}"
                }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
}

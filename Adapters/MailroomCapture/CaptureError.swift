import MailroomFiles
import MailroomSockets

/// Why a capture server does not start, or the mails that were waited for are not there.
public struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; more may be added.
    public struct Code: Sendable, Hashable, RawRepresentable {
        /// The kind's name, stable across releases.
        public let rawValue: String

        /// A kind of your own needs a name of its own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Fewer mails arrived than were waited for.
        public static let tooFew = Code(rawValue: "tooFew")
        /// The mail that was waited for did not arrive.
        public static let missing = Code(rawValue: "missing")
        /// Another program has the port.
        public static let addressInUse = Code(rawValue: "addressInUse")
        /// The server cannot listen where it was told to.
        public static let cannotListen = Code(rawValue: "cannotListen")
        /// The folder for mails cannot be used.
        public static let cannotStore = Code(rawValue: "cannotStore")
        /// Something in the configuration cannot be used.
        public static let misconfigured = Code(rawValue: "misconfigured")
        /// The waiting task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// The kind of failure.
    public let code: Code
    /// What was waited for, and what to look at.
    public let description: String

    init(code: Code, description: String) {
        self.code = code
        self.description = description
    }

    /// Why `what`, such as "the page", cannot be offered.
    init(_ error: SocketError, of what: String) {
        let isInUse = error.code == .addressInUse
        self.init(
            code: isInUse ? .addressInUse : .cannotListen,
            description: "\(what) cannot be offered. \(error.description)")
    }

    init(_ error: FileError) {
        let remedy = error.remedy(for: "the mails").map { ": " + $0 } ?? ""
        self.init(code: .cannotStore, description: "The mails cannot be kept: \(error.cause)\(remedy).")
    }

    static let cancelled = CaptureError(code: .cancelled, description: "The waiting task was cancelled.")

    static func tooFew(wanted: Int, found: Int, waited: Duration) -> CaptureError {
        CaptureError(
            code: .tooFew,
            description:
                "\(found) of \(wanted) mails arrived within \(waited). Check that they are sent to this server's "
                + "SMTP port, and that sending reports no error.")
    }

    /// None of the mails that are there is the one.
    static func missing(among messages: [CapturedMessage], waited: Duration) -> CaptureError {
        let shown = messages.suffix(5).map { message in
            "\(message.reversePath ?? "<>") to \(message.recipients.joined(separator: ", "))"
        }
        let list =
            shown.isEmpty ? "None has arrived." : "The last of \(messages.count): \(shown.joined(separator: "; "))."
        return CaptureError(
            code: .missing,
            description: "The mail that was waited for did not arrive within \(waited). \(list)")
    }
}

/// Why the mails that were waited for are not there.
public struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; more may be added.
    public struct Code: Sendable, Hashable, RawRepresentable {
        /// The kind's name, stable across releases.
        public let rawValue: String

        /// A kind of your own needs a name of its own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Fewer mails arrived than were waited for.
        public static let tooFew = Code(rawValue: "tooFew")
        /// The waiting task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// The kind of failure.
    public let code: Code
    /// What was waited for, and what to look at.
    public let description: String

    static let cancelled = CaptureError(code: .cancelled, description: "The waiting task was cancelled.")

    static func tooFew(wanted: Int, found: Int, waited: Duration) -> CaptureError {
        CaptureError(
            code: .tooFew,
            description:
                "\(found) of \(wanted) mails arrived within \(waited). Check that they are sent to this server's "
                + "SMTP port, and that sending reports no error.")
    }
}

/// How much a relay may change a mail without breaking its signature (RFC 6376 §3.4).
public struct DKIMCanonicalization: Hashable, Sendable, CustomStringConvertible {
    /// One of the two ways.
    public enum Form: String, Sendable {
        /// Nothing may change, but empty lines at the end of the body.
        case simple
        /// The case of field names, folding, and the amount of white space may change.
        case relaxed
    }

    /// How the header is taken.
    public var header: Form
    /// How the body is taken.
    public var body: Form

    /// A form for each of the two.
    public init(header: Form, body: Form) {
        self.header = header
        self.body = body
    }

    /// Both relaxed: what survives most relays.
    public static let relaxed = DKIMCanonicalization(header: .relaxed, body: .relaxed)
    /// Both simple.
    public static let simple = DKIMCanonicalization(header: .simple, body: .simple)

    /// The value of the tag `c`, header first.
    public var description: String { "\(header.rawValue)/\(body.rawValue)" }
}

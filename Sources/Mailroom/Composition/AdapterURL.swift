/// An adapter's configuration as one line of text: `scheme:path?option=value`,
/// `scheme://user:password@host:port/path?option=value`, or, of adapters made of others,
/// `scheme(part,part)?option=value` with such a line for each part.
///
/// Every part is percent-decoded exactly; a `+` is a plus. In a part, a comma that does not separate parts is written
/// `%2C`, and parentheses that have no partner `%28` and `%29`. Its description shows no password.
public struct AdapterURL: Sendable, CustomStringConvertible {
    /// The scheme, in lower case.
    public let scheme: String
    /// The user; `nil` where the URL names none.
    public internal(set) var user: String?
    /// The password; never part of a description or an error.
    public internal(set) var password: String?
    /// The host; an IPv6 address stands without its brackets. Empty where the URL has none.
    public internal(set) var host = ""
    /// The port; `nil` where the URL names none.
    public internal(set) var port: Int?
    /// What stands between authority and options, such as `./queue` in `file:./queue`.
    public internal(set) var path = ""
    /// The options, in order.
    public internal(set) var options: [(name: String, value: String)] = []
    /// What stands between the parentheses, in order.
    public internal(set) var parts: [AdapterURL] = []

    /// Whether it was written with parentheses.
    var isComposed = false
    /// Whether a word of it could belong to a password that was not percent-encoded: then errors repeat none.
    var hidesWords = false

    /// Reads a URL. What is wrong is said in the error, without repeating a password.
    public init(_ text: String) throws(ConfigurationError) { self = try AdapterURLParser.url(text) }

    init(scheme: String) { self.scheme = scheme }

    /// The value of an option; `nil` where it is not said.
    public subscript(option: String) -> String? { options.last { $0.name == option }?.value }

    /// The URL without user, password and options.
    public var description: String {
        if isComposed { return "\(scheme)(\(parts.map(\.description).joined(separator: ",")))" }
        let authority = host.isEmpty ? "" : "//\(host)\(port.map { ":\($0)" } ?? "")"
        let hidesPath = hidesWords && path.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "@") }
        return "\(scheme):\(authority)\(hidesPath ? "…" : path)"
    }
}

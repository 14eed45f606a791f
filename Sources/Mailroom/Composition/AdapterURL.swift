/// An adapter's configuration as one line of text: `scheme:path?option=value` or
/// `scheme://user:password@host:port/path?option=value`.
///
/// Every part is percent-decoded exactly; a `+` is a plus. Its description shows no password.
public struct AdapterURL: Sendable, CustomStringConvertible {
    /// The scheme, in lower case.
    public let scheme: String
    /// The user; `nil` where the URL names none.
    public let user: String?
    /// The password; never part of a description or an error.
    public let password: String?
    /// The host; an IPv6 address stands without its brackets. Empty where the URL has none.
    public let host: String
    /// The port; `nil` where the URL names none.
    public let port: Int?
    /// What stands between authority and options, such as `./queue` in `file:./queue`.
    public let path: String
    /// The options, in order.
    public let options: [(name: String, value: String)]

    /// Reads a URL. What is wrong is said in the error, without repeating a password.
    public init(_ text: String) throws(ConfigurationError) {
        func problem(_ reason: String) -> ConfigurationError {
            ConfigurationError([ConfigurationProblem("URL", reason)])
        }
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw problem("it has no scheme: write it as scheme:path or scheme://host:port")
        }
        scheme = text[..<colon].lowercased()
        guard scheme.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }) else {
            throw problem("a scheme has letters, digits and hyphens only")
        }
        var rest = text[text.index(after: colon)...]
        func decoded(_ part: some StringProtocol) throws(ConfigurationError) -> String {
            guard let text = AdapterURL.decoded(part) else {
                throw problem("% must be followed by two hexadecimal digits, in UTF-8: write a percent sign as %25")
            }
            return text
        }
        var options: [(name: String, value: String)] = []
        if let mark = rest.firstIndex(of: "?") {
            for option in rest[rest.index(after: mark)...].split(separator: "&") {
                let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                options.append((try decoded(parts[0]), parts.count == 2 ? try decoded(parts[1]) : ""))
            }
            rest = rest[..<mark]
        }
        self.options = options
        guard rest.hasPrefix("//") else {
            (user, password, host, port) = (nil, nil, "", nil)
            path = try decoded(rest)
            return
        }
        rest = rest.dropFirst(2)
        var authority = rest[..<(rest.firstIndex(of: "/") ?? rest.endIndex)]
        path = try decoded(rest[authority.endIndex...])
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try decoded(credentials[0])
            password = credentials.count == 2 ? try decoded(credentials[1]) : nil
            authority = authority[authority.index(after: at)...]
        } else {
            (user, password) = (nil, nil)
        }
        var portText: Substring?
        if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<bracket])
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw problem("only :port may follow an IPv6 host") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = try decoded(parts.first ?? "")
            portText = parts.count == 2 ? parts[1] : nil
        }
        if let portText {
            guard let number = UInt16(portText), number > 0 else { throw problem(AdapterURL.badPort) }
            port = Int(number)
        } else {
            port = nil
        }
    }

    /// Never repeats what was written: with a / in it, a part of a password stands where the port is looked for.
    private static let badPort =
        "its port is no number from 1 to 65535; in user and password write :, /, ? and @ as %3A, %2F, %3F and %40"

    /// The value of an option; `nil` where it is not said.
    public subscript(option: String) -> String? { options.last { $0.name == option }?.value }

    /// The URL without user and password.
    public var description: String {
        let authority = host.isEmpty ? "" : "//\(host)\(port.map { ":\($0)" } ?? "")"
        return "\(scheme):\(authority)\(path)"
    }

    private static func decoded(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// A request that has arrived whole.
public struct HTTPRequest: Sendable {
    /// A pair of the query, decoded.
    public struct QueryItem: Sendable, Hashable {
        /// What stands before the equals sign.
        public let name: String
        /// What stands behind it; empty where there is none.
        public let value: String
    }

    /// `GET`, `POST` …, case as received (methods are case-sensitive).
    public let method: String
    /// The request target as received, without scheme and host.
    public let target: String
    /// The path's segments, percent-decoded: `/a%2Fb/c/` is `a/b`, `c` and an empty one.
    public let path: [String]
    /// The query's pairs in order, without those whose percent-encoding is broken.
    public let query: [QueryItem]
    /// All header fields.
    public internal(set) var headers: HTTPHeaders
    /// The body, chunked transfer coding undone.
    public let body: [UInt8]
    /// Whether the peer speaks HTTP/1.1, not 1.0.
    let speaksVersion11: Bool
    /// The client's numeric address, without its port; empty for a request that came over no connection.
    public internal(set) var remoteAddress = ""
    /// What the route's `{name}` segments matched; set by ``HTTPRoutes``.
    public internal(set) var pathParameters: [String: String] = [:]

    /// A request to call routes with directly; `target` is a path with an optional query.
    /// - Returns: nil when the target is malformed.
    public init?(method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.init(method: method, target: target, headers: headers, body: body, speaksVersion11: true)
    }

    init?(method: String, target: String, headers: HTTPHeaders, body: [UInt8], speaksVersion11: Bool) {
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let isForServer = target == "*" && method == "OPTIONS"
        guard let first = parts.first, first.first == UInt8(ascii: "/") || isForServer else { return nil }
        var path: [String] = isForServer ? ["*"] : []
        for segment in isForServer
            ? [] : first.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            // A NUL would end the name wherever C reads it.
            guard let decoded = percentDecoded(segment, plusIsBlank: false), !decoded.utf8.contains(0) else {
                return nil
            }
            path.append(decoded)
        }
        self.method = method
        self.target = target
        self.path = path
        query = parts.count > 1 ? Self.pairs(parts[1]) : []
        self.headers = headers
        self.body = body
        self.speaksVersion11 = speaksVersion11
    }

    /// The first query value of that name.
    public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The first value of that name in a form that a page has sent (`application/x-www-form-urlencoded`).
    public func formValue(_ name: String) -> String? { Self.pairs(body).first { $0.name == name }?.value }

    /// Pairs whose encoding is broken are left out, as most servers do.
    private static func pairs(_ text: some Collection<UInt8>) -> [QueryItem] {
        var pairs: [QueryItem] = []
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(sides[0], plusIsBlank: true),
                let value = sides.count > 1 ? percentDecoded(sides[1], plusIsBlank: true) : ""
            else { continue }
            pairs.append(QueryItem(name: name, value: value))
        }
        return pairs
    }
}

/// Undoes percent-encoding; octets that are not UTF-8 become U+FFFD.
/// - Returns: nil where a percent sign is not followed by two hexadecimal digits.
func percentDecoded(_ text: some Sequence<UInt8>, plusIsBlank: Bool) -> String? {
    var bytes: [UInt8] = []
    var iterator = text.makeIterator()
    while let byte = iterator.next() {
        if byte == UInt8(ascii: "%") {
            guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        } else {
            bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? 32 : byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}

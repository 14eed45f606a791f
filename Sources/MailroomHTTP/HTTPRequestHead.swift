/// Request line and header fields (RFC 9112), parsed strictly: what two readers could understand in two ways is refused.
struct HTTPRequestHead {
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
    }

    let method: String
    let target: String
    let speaksVersion11: Bool
    private(set) var headers: HTTPHeaders = [:]
    private(set) var body = Body.none
    private(set) var expectsContinue = false

    /// Parses the octets up to and without the empty line.
    init(_ bytes: ArraySlice<UInt8>, limits: HTTPLimits) throws(HTTPFailure) {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.endIndex
            if end < bytes.endIndex {
                guard bytes[end] == 13, end + 1 < bytes.endIndex, bytes[end + 1] == 10 else {
                    throw HTTPFailure(400, "Lines end in CRLF.")
                }
            }
            lines.append(bytes[start..<end])
            start = min(end + 2, bytes.endIndex)
        }
        guard let first = lines.first else { throw HTTPFailure(400, "The request line is missing.") }
        let words = first.split(separator: 32, omittingEmptySubsequences: false)
        guard words.count == 3, Self.isToken(words[0]) else { throw HTTPFailure(400, "The request line is malformed.") }
        switch String(decoding: words[2], as: UTF8.self) {
        case "HTTP/1.1": speaksVersion11 = true
        case "HTTP/1.0": speaksVersion11 = false
        case let version where version.hasPrefix("HTTP/"): throw HTTPFailure(505, "Only HTTP/1.1 is spoken here.")
        default: throw HTTPFailure(400, "The request line is malformed.")
        }
        method = String(decoding: words[0], as: UTF8.self)
        let form = try Self.originForm(of: words[1])
        target = form.target
        guard lines.count - 1 <= limits.fieldCount else { throw HTTPFailure(431, "There are too many header fields.") }
        for line in lines.dropFirst() { try addField(line) }
        try interpretFields(limits)
        if let authority = form.authority { headers["Host"] = authority }
    }

    private mutating func addField(_ line: ArraySlice<UInt8>) throws(HTTPFailure) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isToken(line[..<colon]) else {
            throw HTTPFailure(400, "A header field is malformed.")
        }
        var value = line[(colon + 1)...]
        while let byte = value.first, byte == 32 || byte == 9 { value.removeFirst() }
        while let byte = value.last, byte == 32 || byte == 9 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
            throw HTTPFailure(400, "A header field has a control character.")
        }
        headers.append(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private mutating func interpretFields(_ limits: HTTPLimits) throws(HTTPFailure) {
        let hosts = headers.values("Host").count
        guard hosts == 1 || hosts == 0 && !speaksVersion11 else {
            throw HTTPFailure(400, "Exactly one Host field is needed.")
        }
        let lengths = headers.values("Content-Length")
        let codings = headers.values("Transfer-Encoding")
        if !codings.isEmpty {
            // Both together are the means of request smuggling (RFC 9112, 6.1).
            guard lengths.isEmpty, speaksVersion11 else { throw HTTPFailure(400, "The body's length is ambiguous.") }
            guard codings.count == 1, equalsIgnoringCase(codings[0], "chunked") else {
                throw HTTPFailure(501, "Only the transfer coding chunked is understood.")
            }
            body = .chunked
        } else if let length = lengths.first {
            guard lengths.allSatisfy({ $0 == length }), !length.isEmpty, length.utf8.count <= 18,
                length.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(length)
            else { throw HTTPFailure(400, "Content-Length is malformed.") }
            guard count <= limits.bodyBytes else {
                throw HTTPFailure(413, "The body may have \(limits.bodyBytes) octets at most.")
            }
            body = count == 0 ? .none : .length(count)
        }
        if let expectation = headers["Expect"] {
            guard equalsIgnoringCase(expectation, "100-continue") else {
                throw HTTPFailure(417, "That expectation cannot be met.")
            }
            expectsContinue = speaksVersion11 && body != .none
        }
    }

    /// Path and query, and the authority of an absolute form, which counts more than the Host field (RFC 9112, 3.2.2).
    private static func originForm(
        of target: ArraySlice<UInt8>
    ) throws(HTTPFailure) -> (target: String, authority: String?) {
        // Octets beyond ASCII should be percent-encoded, but careless clients leave them as they are.
        guard !target.isEmpty, target.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw HTTPFailure(400, "The request target is malformed.")
        }
        let text = String(decoding: target, as: UTF8.self)
        if text.utf8.first == UInt8(ascii: "/") || text == "*" { return (text, nil) }
        for scheme in ["http://", "https://"] where text.utf8.count > scheme.utf8.count {
            guard equalsIgnoringCase(String(text.prefix(scheme.count)), scheme) else { continue }
            let rest = text.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let authority = String(rest[..<end])
            guard !authority.isEmpty, !authority.contains("@") else { break }
            return (rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...], authority)
        }
        throw HTTPFailure(400, "The request target is malformed.")
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
                    UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
    }
}

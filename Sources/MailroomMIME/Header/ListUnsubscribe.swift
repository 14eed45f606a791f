/// How a recipient gets off the list that a message came from: the fields List-Unsubscribe (RFC 2369 §3.2) and, for one
/// click without a page between, List-Unsubscribe-Post (RFC 8058).
///
/// The links are the same for everyone who receives the message, so a link that names a recipient needs a message for
/// each. A one-click link is honoured only where a DKIM signature covers both fields (RFC 8058 §4).
public struct ListUnsubscribe: Hashable, Sendable {
    /// `https:`, `http:` and `mailto:` links, the preferred one first.
    public let links: [String]
    /// Whether a POST to the `https:` link, without cookies and questions, unsubscribes.
    public let isOneClick: Bool

    /// Checks the links: absolute, in ASCII with everything else percent-encoded, 900 characters at most.
    ///
    /// With `oneClick` exactly one of them is `https:` and none is `http:`, as the POST goes there (RFC 8058 §3.1).
    public init(_ links: [String], oneClick: Bool = false) throws(HeaderError) {
        func refusal(_ reason: String) -> HeaderError { HeaderError(field: "List-Unsubscribe", reason: reason) }
        guard !links.isEmpty else { throw refusal("it has no link; give an https: or a mailto: link.") }
        var secure = 0
        for link in links {
            guard (1...ByteWriter.longestID).contains(link.utf8.count) else {
                throw refusal("a link has 1 to 900 characters; shorten it.")
            }
            guard link.utf8.allSatisfy(ByteWriter.isAllowedInID) else {
                throw refusal("a link has printable ASCII only and no blanks, < or >; percent-encode the rest.")
            }
            let scheme = ASCII.lowercased(String(link.prefix { $0 != ":" }))
            guard ["https", "http", "mailto"].contains(scheme), link.utf8.count > scheme.utf8.count + 1 else {
                throw refusal("a link begins with https:, http: or mailto:.")
            }
            if scheme == "https" { secure += 1 }
            if oneClick, scheme == "http" { throw refusal("one click needs https:; use that.") }
        }
        if oneClick, secure != 1 { throw refusal("one click needs exactly one https: link.") }
        self.links = links
        isOneClick = oneClick
    }

    /// A link that unsubscribes by one click, and for older readers an address that does so by mail.
    public static func oneClick(_ link: String, mail address: EmailAddress? = nil) throws(HeaderError) -> Self {
        guard let address else { return try Self([link], oneClick: true) }
        var mailto: [UInt8] = []
        let kept = ByteSet.alphanumerics.union("-._~+@")
        for byte in "\(address.localPart)@\(address.asciiDomain)".utf8 {
            if kept.contains(byte) {
                mailto.append(byte)
            } else {
                mailto += [UInt8(ascii: "%"), ByteWriter.hexDigit(byte >> 4), ByteWriter.hexDigit(byte & 15)]
            }
        }
        return try Self([link, "mailto:" + String(decoding: mailto, as: UTF8.self)], oneClick: true)
    }
}

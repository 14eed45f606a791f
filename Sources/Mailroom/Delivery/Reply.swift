/// What a next hop answered: a reply code, an enhanced status code (RFC 3463) and its words.
public struct Reply: Hashable, Sendable, CustomStringConvertible {
    /// The three-digit code (RFC 5321 §4.2), or 0 where the channel has none.
    public var code: Int
    /// For example `5.1.1`.
    public var enhancedStatus: String?
    /// The text, lines joined by a line feed.
    public var text: String

    /// A reply.
    public init(code: Int, enhancedStatus: String? = nil, text: String) {
        self.code = code
        self.enhancedStatus = enhancedStatus
        self.text = text
    }

    /// One line, as a log or a table shows it.
    public var description: String {
        let words = [code == 0 ? nil : String(code), enhancedStatus, text.isEmpty ? nil : text].compactMap { $0 }
        return String(words.joined(separator: " ").map { $0 == "\n" ? " " : $0 })
    }
}

/// Quoted strings (RFC 5322 §3.2.4).
enum QuotedString {
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [ASCII.quote]
        for byte in text.utf8 {
            if byte == ASCII.quote || byte == ASCII.backslash { bytes.append(ASCII.backslash) }
            bytes.append(byte)
        }
        bytes.append(ASCII.quote)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The content of a text that is one quoted string and nothing else; `nil` otherwise.
    static func unquoted(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.dropFirst()
        guard text.utf8.first == ASCII.quote else { return nil }
        while let byte = rest.popFirst() {
            if byte == ASCII.quote { return rest.isEmpty ? String(decoding: bytes, as: UTF8.self) : nil }
            if byte == ASCII.backslash {
                guard let next = rest.popFirst() else { return nil }
                bytes.append(next)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }
}

/// Reading lists of addresses as others write them (RFC 5322 §3.4 and §4.4).
enum AddressListReading {
    static func mailboxes(in value: String) -> [Mailbox] {
        var found: [Mailbox] = []
        var item = Item()
        var quoted = false
        var bracket = false
        var depth = 0
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == ASCII.backslash, quoted || depth > 0 {
                let next = rest.popFirst()
                if depth > 0 {
                    if let next { item.comment.append(next) }
                } else {
                    item.add([byte] + (next.map { [$0] } ?? []), bracket)
                }
            } else if depth > 0 {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                if depth > 0 { item.comment.append(byte) }
            } else if quoted {
                if byte == ASCII.quote { quoted = false }
                item.add([byte], bracket)
            } else {
                switch byte {
                case ASCII.quote:
                    quoted = true
                    item.add([byte], bracket)
                case UInt8(ascii: "("): depth = 1
                case UInt8(ascii: "<"):
                    bracket = true
                    item.hasBracket = true
                case UInt8(ascii: ">"): bracket = false
                case UInt8(ascii: ","), UInt8(ascii: ";"):
                    if bracket {
                        item.add([byte], bracket)
                    } else {
                        if let mailbox = item.mailbox { found.append(mailbox) }
                        item = Item()
                    }
                case UInt8(ascii: ":") where !bracket && !item.hasAt: item = Item()
                default: item.add([byte], bracket)
                }
            }
        }
        if let mailbox = item.mailbox { found.append(mailbox) }
        return found
    }

    private struct Item {
        var outside: [UInt8] = []
        var inside: [UInt8] = []
        var comment: [UInt8] = []
        var hasBracket = false
        var hasAt = false

        mutating func add(_ bytes: [UInt8], _ bracket: Bool) {
            if bracket { inside += bytes } else { outside += bytes }
            if bytes.first == UInt8(ascii: "@") { hasAt = true }
        }

        var mailbox: Mailbox? {
            var text = ParameterReading.trimmed(String(decoding: hasBracket ? inside : outside, as: UTF8.self))
            // A source route is read and ignored (RFC 5321 §4.1.1.3).
            if text.utf8.first == UInt8(ascii: "@"), let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
                text = String(Substring(text.utf8[text.utf8.index(after: colon)...]))
            }
            guard let address = try? EmailAddress(text) else { return nil }
            let shown = ParameterReading.trimmed(String(decoding: hasBracket ? outside : comment, as: UTF8.self))
            let name = EncodedWordReading.decoded(QuotedString.unquoted(shown[...]) ?? shown)
            return Mailbox(name: name.isEmpty ? nil : name, address: address)
        }
    }
}

extension ByteWriter {
    static let longestID = 900

    static func isAllowedInID(_ byte: UInt8) -> Bool {
        byte > 32 && byte < 127 && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
    }

    /// A field of message IDs; nothing when there is none.
    mutating func field(_ name: StaticString, ids: [String]) {
        guard !ids.isEmpty else { return }
        put(name)
        put(UInt8(ascii: ":"))
        var isFirst = true
        for id in ids {
            let count = min(id.utf8.count, Self.longestID)
            if isFirst { put(ASCII.space) } else { blank(before: count + 2) }
            isFirst = false
            put(UInt8(ascii: "<"))
            for byte in id.utf8.prefix(Self.longestID) where Self.isAllowedInID(byte) { put(byte) }
            put(UInt8(ascii: ">"))
        }
        newline()
    }

    mutating func write(_ unsubscribe: ListUnsubscribe) {
        put("List-Unsubscribe:")
        var isFirst = true
        for link in unsubscribe.links {
            if !isFirst { put(UInt8(ascii: ",")) }
            if isFirst { put(ASCII.space) } else { blank(before: link.utf8.count + 3) }
            isFirst = false
            put(UInt8(ascii: "<"))
            put(ascii: link)
            put(UInt8(ascii: ">"))
        }
        newline()
        if unsubscribe.isOneClick {
            put("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
            newline()
        }
    }

    /// A field of addresses; nothing when there is none.
    mutating func field(_ name: StaticString, mailboxes: [Mailbox]) {
        guard !mailboxes.isEmpty else { return }
        put(name)
        put(UInt8(ascii: ":"))
        var isFirst = true
        for mailbox in mailboxes {
            if !isFirst { put(UInt8(ascii: ",")) }
            write(mailbox, isFirst: isFirst)
            isFirst = false
        }
        newline()
    }

    private enum Phrase { case none, atoms, quoted, encoded }

    private mutating func write(_ mailbox: Mailbox, isFirst: Bool) {
        if mailbox.address.hasInternationalLocalPart {
            let shown = mailbox.description.utf8.map { Self.withoutControl($0) }
            shown.withUnsafeBufferPointer { encodedWords($0[...], gap: nil) }
            // An encoded word does not touch what follows it (RFC 2047 §5, rule 3).
            blank(before: 2)
            put(":;")
            return
        }
        let domain = mailbox.address.asciiDomain
        let addressWidth = mailbox.address.localPart.utf8.count + 1 + domain.utf8.count
        var name = mailbox.name ?? ""
        var phrase = name.withUTF8 { Self.phrase(for: $0) }
        if phrase != .none, !name.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) {
            name = String(decoding: name.utf8.map { $0 == ASCII.tab ? 32 : Self.withoutControl($0) }, as: UTF8.self)
            phrase = name.withUTF8 { Self.phrase(for: $0) }
        }
        if phrase == .none {
            if isFirst { put(ASCII.space) } else { blank(before: addressWidth + 1) }
            write(mailbox.address.localPart, domain)
            return
        }
        name.withUTF8 { text in
            if phrase == .encoded {
                encodedWords(text[...], gap: nil)
                return
            }
            let width = text.count + (phrase == .quoted ? 2 : 0)
            if isFirst { put(ASCII.space) } else { blank(before: width + addressWidth + 4) }
            if phrase == .atoms {
                put(text[...])
            } else {
                putQuoted(text)
            }
        }
        blank(before: addressWidth + 3)
        put(UInt8(ascii: "<"))
        write(mailbox.address.localPart, domain)
        put(UInt8(ascii: ">"))
    }

    private mutating func write(_ localPart: String, _ domain: String) {
        put(ascii: localPart)
        put(UInt8(ascii: "@"))
        put(ascii: domain)
    }

    mutating func putQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        put(ASCII.quote)
        for byte in text {
            if byte == ASCII.quote || byte == ASCII.backslash { put(ASCII.backslash) }
            put(byte)
        }
        put(ASCII.quote)
    }

    /// How a display name is written: as atoms, quoted, or as encoded words when it is not ASCII, long, or like one.
    private static func phrase(for name: UnsafeBufferPointer<UInt8>) -> Phrase {
        var blankOnly = true
        var atoms = true
        var previous = ASCII.space
        var width = name.count
        for byte in name {
            if byte == ASCII.quote || byte == ASCII.backslash { width += 1 }
            if byte >= 127 || byte == UInt8(ascii: "?") && previous == UInt8(ascii: "=") { return .encoded }
            if byte == ASCII.space {
                if previous == ASCII.space { atoms = false }
            } else {
                blankOnly = false
                if !ByteSet.atomText.contains(byte) { atoms = false }
            }
            previous = byte
        }
        if blankOnly { return .none }
        if width > 60 { return .encoded }
        return atoms && previous != ASCII.space ? .atoms : .quoted
    }
}

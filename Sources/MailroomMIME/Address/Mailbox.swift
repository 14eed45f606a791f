/// An address and the name shown with it (mailbox of RFC 5322 §3.4).
public struct Mailbox: Hashable, Sendable, CustomStringConvertible {
    /// The display name as a person reads it: Unicode, neither quoted nor encoded; `nil` for none.
    public var name: String?
    /// Where the mail goes.
    public var address: EmailAddress

    /// Makes a mailbox of parts; a name that cannot be written is found by ``problem``.
    public init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// Reads `Zoé <zoe@example.org>`, `"A, B" <a@b.org>` or `a@b.org`.
    public init(_ text: String) throws(AddressError) {
        let trimmed = Self.trim(text[...])
        guard trimmed.utf8.last == UInt8(ascii: ">") else {
            self.init(address: try EmailAddress(String(trimmed)))
            return
        }
        guard let open = Self.openBracket(in: trimmed) else {
            throw AddressError(text: text, reason: "it ends with > but has no <; put the address between < and >.")
        }
        let phrase = Self.trim(trimmed[..<open])
        let inner = Substring(trimmed.utf8[open...].dropFirst().dropLast())
        let address: EmailAddress
        do throws(AddressError) {
            address = try EmailAddress(String(inner))
        } catch {
            throw AddressError(text: text, reason: error.reason)
        }
        guard let name = Self.unquoted(phrase) else {
            throw AddressError(
                text: text,
                reason: "the name has an unpaired quotation mark or a bracket; put the name in quotation marks.")
        }
        self.init(name: name.isEmpty ? nil : name, address: address)
        if let problem { throw AddressError(text: text, reason: problem.reason) }
    }

    /// `name <address>`, the name quoted where it must be, which reads back as the same mailbox.
    public var description: String {
        guard let name, !name.isEmpty else { return address.description }
        let plain =
            name.utf8.allSatisfy { $0 >= 128 || $0 == ASCII.space || ByteSet.atomText.contains($0) }
            && name.utf8.first != ASCII.space && name.utf8.last != ASCII.space
        return "\(plain ? name : QuotedString.quoted(name)) <\(address)>"
    }

    /// Why the name cannot be written in a header field; `nil` when it can.
    public var problem: HeaderError? {
        guard let name, let reason = HeaderField.problem(inValue: name) else { return nil }
        return HeaderError(field: "display name", reason: reason)
    }

    private static func trim(_ text: Substring) -> Substring {
        // Octets, not characters: a blank and a combining mark after it are one Character.
        var rest = text.utf8
        while let first = rest.first, first == ASCII.space || first == ASCII.tab { rest.removeFirst() }
        while let last = rest.last, last == ASCII.space || last == ASCII.tab { rest.removeLast() }
        return Substring(rest)
    }

    private static func openBracket(in text: Substring) -> Substring.Index? {
        var quoted = false
        var escaped = false
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if escaped {
                escaped = false
            } else if byte == ASCII.backslash {
                escaped = quoted
            } else if byte == ASCII.quote {
                quoted.toggle()
            } else if byte == UInt8(ascii: "<"), !quoted {
                return index
            }
        }
        return nil
    }

    private static func unquoted(_ phrase: Substring) -> String? {
        if phrase.utf8.first == ASCII.quote { return QuotedString.unquoted(phrase) }
        let plain = phrase.utf8.allSatisfy { $0 != ASCII.quote && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<") }
        return plain ? String(phrase) : nil
    }
}

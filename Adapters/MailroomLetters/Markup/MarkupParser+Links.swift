extension MarkupParser {
    /// Reads a `]`: the end of a link's text where an address follows.
    mutating func readBracketEnd(at start: Int, inCell: Bool) -> Int {
        guard let opener = brackets.popLast(), start + 1 < end, source[start + 1] == UInt8(ascii: "("),
            let address = linkAddress(at: start + 2, inCell: inCell)
        else {
            put(UInt8(ascii: "]"))
            return start + 1
        }
        if marks[opener].isImage {
            report(.imageInText, at: start)
            put(UInt8(ascii: "]"))
            return start + 1
        }
        pairEmphasis(from: opener + 1)
        marks[opener].kind = .linkStart
        marks[opener].remaining = 0
        // A value is at fault where it stands.
        let place = address.isValue ? address.start : start
        marks[opener].link = link(to: address.bytes, isValue: address.isValue, at: place)
        marks.append(InlineMark(.linkEnd, start: count))
        // Links do not stand within links.
        brackets.removeAll(keepingCapacity: true)
        return address.next
    }

    /// Keeps an address that may be linked to; -1 for any other.
    private mutating func link(to address: [UInt8], isValue: Bool, at offset: Int) -> Int32 {
        guard !address.isEmpty else {
            if !isValue { report(.emptyLink, at: offset) }
            return -1
        }
        let text = String(decoding: address, as: UTF8.self)
        guard AddressScheme.isAllowed(address) else {
            report(.unsafeLink(String(text.prefix(80))), at: offset)
            return -1
        }
        letter.links.append(text)
        return Int32(letter.links.count - 1)
    }

    /// The address in the parentheses that begin before a place, and where they end; nil if it is none. A title after
    /// the address is left out.
    func linkAddress(
        at start: Int, inCell: Bool
    ) -> (bytes: [UInt8], start: Int, isValue: Bool, title: [UInt8]?, next: Int)? {
        var position = afterBlanks(start)
        guard position < end else { return nil }
        let isBracketed = source[position] == UInt8(ascii: "<")
        if isBracketed { position += 1 }
        let first = position
        let isValue = position < end && source[position] == Self.opening
        var bytes: [UInt8] = []
        if isBracketed {
            while position < end, source[position] != UInt8(ascii: ">") {
                let byte = source[position]
                guard byte != 0x0A, byte != 0x0D, byte != UInt8(ascii: "<"), !(inCell && byte == UInt8(ascii: "|"))
                else { return nil }
                position = appendAddressByte(at: position, to: &bytes, isWhole: isValue && bytes.isEmpty)
            }
            guard position < end else { return nil }
            position += 1
        } else {
            var depth = 0
            while position < end {
                let byte = source[position]
                if byte <= 0x20 && byte != Self.opening && byte != Self.closing || byte == 0x7F { break }
                if inCell && byte == UInt8(ascii: "|") { return nil }
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if depth == 0 { break }
                    depth -= 1
                }
                guard depth <= 32 else { return nil }
                position = appendAddressByte(at: position, to: &bytes, isWhole: isValue && bytes.isEmpty)
            }
            guard depth == 0 else { return nil }
        }
        let afterAddress = afterBlanks(position)
        var title: [UInt8]?
        if afterAddress > position, let found = linkTitle(at: afterAddress, inCell: inCell) {
            title = found.bytes
            position = afterBlanks(found.next)
        } else {
            position = afterAddress
        }
        guard position < end, source[position] == UInt8(ascii: ")") else { return nil }
        return (bytes, first, isValue, title, position + 1)
    }

    /// Adds what stands at a place to an address, and gives the place after. A value is encoded but for one that is
    /// the whole beginning of the address.
    private func appendAddressByte(at start: Int, to bytes: inout [UInt8], isWhole: Bool) -> Int {
        var position = start
        if source[position] == Self.opening {
            position += 1
            while position < end && source[position] != Self.closing {
                AddressScheme.append(source[position], to: &bytes, isValue: !isWhole)
                position += 1
            }
            return min(position + 1, end)
        }
        if source[position] == UInt8(ascii: "\\"), position + 1 < end, Self.isPunctuation(source[position + 1]) {
            position += 1
        }
        if source[position] != Self.closing {
            AddressScheme.append(source[position], to: &bytes, isValue: false)
        }
        return position + 1
    }

    private func linkTitle(at start: Int, inCell: Bool) -> (bytes: [UInt8], next: Int)? {
        guard start < end else { return nil }
        let sign = source[start]
        guard sign == UInt8(ascii: "\"") || sign == UInt8(ascii: "'") || sign == UInt8(ascii: "(") else { return nil }
        let last = sign == UInt8(ascii: "(") ? UInt8(ascii: ")") : sign
        var bytes: [UInt8] = []
        var position = start + 1
        var isInValue = false
        while position < end {
            let byte = source[position]
            if byte == Self.opening || byte == Self.closing {
                isInValue = byte == Self.opening
            } else if isInValue {
                bytes.append(byte)
            } else {
                if byte == last { return (bytes, position + 1) }
                if byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: "(") && last == UInt8(ascii: ")") { return nil }
                if inCell && byte == UInt8(ascii: "|") { return nil }
                if byte == UInt8(ascii: "\\"), position + 1 < end, Self.isPunctuation(source[position + 1]) {
                    position += 1
                }
                bytes.append(source[position])
            }
            position += 1
        }
        return nil
    }

    /// Reads `<https://…>` or `<name@example.org>`; nil, with nothing read, where it is neither.
    mutating func readAutolink(at start: Int, inCell: Bool) -> Int? {
        var bytes: [UInt8] = []
        var text: [UInt8] = []
        var position = start + 1
        var isInValue = false
        var isWhole = false
        while position < end {
            let byte = source[position]
            if byte == Self.opening || byte == Self.closing {
                isInValue = byte == Self.opening
                // A value is encoded but for one that the address begins with.
                isWhole = isInValue && bytes.isEmpty && source[start + 1] == Self.opening
                position += 1
                continue
            }
            if !isInValue {
                if byte == UInt8(ascii: ">") { break }
                if byte == UInt8(ascii: "<") || inCell && byte == UInt8(ascii: "|") { return nil }
            }
            guard byte > 0x20, byte != 0x7F else { return nil }
            AddressScheme.append(byte, to: &bytes, isValue: isInValue && !isWhole)
            text.append(byte)
            position += 1
        }
        guard position < end, position > start + 1 else { return nil }
        if !AddressScheme.isAllowed(bytes) {
            guard AddressScheme.isMailbox(text) else { return nil }
            // What parts an address from a subject or further addresses (RFC 6068) is none of its signs.
            bytes = Array("mailto:".utf8)
            for byte in text { AddressScheme.append(byte, to: &bytes, isValue: byte != UInt8(ascii: "@")) }
        }
        var mark = InlineMark(.linkStart, start: count)
        mark.link = Int32(letter.links.count)
        letter.links.append(String(decoding: bytes, as: UTF8.self))
        marks.append(mark)
        for byte in text { put(byte) }
        marks.append(InlineMark(.linkEnd, start: count))
        return position + 1
    }
}

/// How a body is carried in 7 bits (RFC 2045 §6).
enum TransferEncoding {
    case sevenBit, quotedPrintable, base64

    /// The lightest encoding that carries a text unharmed: as it is, or the shorter of the other two, quoted-printable
    /// if equal. Texts with blanks at line ends, `From ` or a dot at line starts, controls or long lines are encoded,
    /// because somewhere on the way someone changes those.
    static func choose(for text: UnsafeBufferPointer<UInt8>) -> (encoding: TransferEncoding, size: Int) {
        var lines = TextLines(text)
        var count = 0
        var plain = true
        while let line = lines.next() {
            count += 1
            if plain, !isPlain(text[line]) { plain = false }
        }
        if plain { return (.sevenBit, text.count + count + 2) }
        var escaped = 0
        for byte in text
        where byte >= 127 || byte == UInt8(ascii: "=") || byte < 32 && byte != 9 && byte != 10 && byte != 13 {
            escaped += 1
        }
        let quoted = text.count + 2 * escaped
        let quotedSize = quoted + quoted / 73 * 3 + count * 2
        let base64Size = Base64.encodedSize(text.count + count)
        // The first and the last octet of a line may be escaped although they stand for themselves elsewhere.
        return quotedSize <= base64Size
            ? (.quotedPrintable, quotedSize + 4 * count + 16) : (.base64, base64Size + 16)
    }

    private static func isPlain(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let first = line.first, let last = line.last else { return true }
        guard line.count <= ByteWriter.lineLimit, last != ASCII.space, last != ASCII.tab, first != UInt8(ascii: ".")
        else {
            return false
        }
        var odd: UInt8 = 0
        for byte in UnsafeBufferPointer(rebasing: line) {
            odd |= byte & 0x80
            odd |= (byte < 32 && byte != ASCII.tab) || byte == 127 ? 1 : 0
        }
        guard odd == 0 else { return false }
        if first == UInt8(ascii: "F") { return !line.starts(with: "From ".utf8) }
        // A boundary of this writer begins so; it never occurs in the other encodings.
        if first == UInt8(ascii: "-") { return !line.starts(with: "--=_".utf8) }
        return true
    }
}

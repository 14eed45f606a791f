extension ByteWriter {
    /// The body of a text part. Line endings become CRLF; a text that ends without one stays so unless encoded in base64.
    mutating func body(_ text: UnsafeBufferPointer<UInt8>, _ encoding: TransferEncoding) {
        switch encoding {
        case .sevenBit:
            var lines = TextLines(text)
            while let line = lines.next() {
                put(text[line])
                if lines.wasTerminated { newline() }
            }
        case .quotedPrintable:
            var lines = TextLines(text)
            while let line = lines.next() {
                quotedPrintable(text[line])
                if lines.wasTerminated { newline() }
            }
        case .base64:
            var normal: [UInt8] = []
            normal.reserveCapacity(text.count + text.count / 16)
            var lines = TextLines(text)
            while let line = lines.next() {
                normal.append(contentsOf: UnsafeBufferPointer(rebasing: text[line]))
                if lines.wasTerminated {
                    normal.append(ASCII.cr)
                    normal.append(ASCII.lf)
                }
            }
            normal.withUnsafeBufferPointer { Base64.encode($0, into: &bytes) }
        }
    }

    /// One line in quoted-printable (RFC 2045 §6.7), on as many lines of 76 as it takes.
    private mutating func quotedPrintable(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
        let end = line.endIndex
        var index = line.startIndex
        var used = 0
        while index < end {
            // What stands for itself is copied as a run.
            var run = index
            let room = index + 75 - used
            while run < end, run < room, Self.standsForItself(line[run]) { run += 1 }
            if used == 0, run > index, Self.needsProtection(line[index..<end]) { run = index }
            if run == end, run > index, Self.isBlank(line[run - 1]) { run -= 1 }
            if run > index {
                put(line[index..<run])
                used += run - index
                index = run
                continue
            }
            let isLast = index + 1 == end
            let plain = Self.standsForItself(line[index]) && !(isLast && Self.isBlank(line[index])) && used > 0
            if used + (plain ? 1 : 3) > (isLast ? 76 : 75) {
                put(UInt8(ascii: "="))
                newline()
                used = 0
                continue
            }
            if plain {
                put(line[index])
                used += 1
            } else {
                putEscaped(line[index], UInt8(ascii: "="))
                used += 3
            }
            index += 1
        }
    }

    @inline(__always)
    private static func standsForItself(_ byte: UInt8) -> Bool {
        byte &- 33 < 94 && byte != UInt8(ascii: "=") || byte == ASCII.space || byte == ASCII.tab
    }

    /// Whether the first octet of a line must be escaped: `From ` is changed by mailbox files, a dot by careless relays.
    @inline(__always)
    private static func needsProtection(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let first = rest[rest.startIndex]
        if first == UInt8(ascii: ".") { return true }
        return first == UInt8(ascii: "F") && rest.starts(with: "From ".utf8)
    }
}

import Mailroom

/// What is appended to the output.
extension MustacheExpander {
    /// The bytes below 64 that cannot be copied as they stand.
    static func mask(for escaping: Escaping) -> UInt64 {
        let controls: UInt64 = 0xFFFF_FFFF & ~(1 << 0x09 | 1 << 0x0A | 1 << 0x0D)
        return switch escaping {
        case .none, .guarded: controls
        case .html: controls | 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E
        case .header: 0xFFFF_FFFF
        }
    }

    /// Writes text of the template.
    mutating func write(_ range: Range<Int>, line: Int, beginsLine: Bool) {
        let isPlain = indentation.isEmpty && margin == 0
        if isPlain, !isTracing {
            guard hasRoom(for: range.count, key: Key(name: "text", path: [], line: line)) else { return }
            program.source.withUnsafeBufferPointer { output.append(contentsOf: $0[range]) }
            return
        }
        var line = line
        var begins = beginsLine
        var position = range.lowerBound
        repeat {
            if begins {
                if !isIndented { output += indentation }
                isIndented = false
                let limit = min(position + margin, range.upperBound)
                while position < limit, program.source[position] == 0x20 || program.source[position] == 0x09 {
                    position += 1
                }
            }
            let rest = program.source[position..<range.upperBound]
            let stop = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? range.upperBound
            guard hasRoom(for: stop - position, key: Key(name: "text", path: [], line: line)) else { return }
            if isTracing, stop > position { trace(line, key: nil) }
            output += program.source[position..<stop]
            line += 1
            begins = true
            position = stop
        } while position < range.upperBound
    }

    private mutating func trace(_ line: Int, key: Key?) {
        origins.append(Origin(offset: output.count, line: line, key: key, partial: partial))
    }

    /// Writes the value of a tag.
    mutating func show(_ tag: ValueTag) {
        if isTracing { trace(tag.key.line, key: tag.key) }
        let isGuarded = tag.isEscaped && setting.escaping == .guarded
        if isGuarded { output.append(Guard.open) }
        switch value(of: tag.key) {
        case .text(let text) where tag.filters.isEmpty: put(text, tag)
        case nil:
            if !tag.isOptional && setting.missing == .reported { report(.missing, at: tag.key) }
        case .some(.text("")) where tag.isOptional: break
        case .some(let value):
            do throws(FilteredValue.Refusal) {
                put(try FilteredValue.text(of: value, tag.filters, setting), tag)
            } catch { report(error.kind, at: tag.key) }
        }
        if isGuarded { output.append(Guard.close) }
    }

    private mutating func put(_ text: String, _ tag: ValueTag) {
        var text = text
        text.withUTF8 { bytes in
            guard hasRoom(for: bytes.count, key: tag.key) else { return }
            let mask = tag.isEscaped || setting.escaping != .html ? mask : Self.mask(for: .none)
            var isPlain = true
            for byte in bytes
            where byte < 64 ? mask >> UInt64(byte) & 1 != 0 : byte == 0x7F || byte == 0xC2 || byte == 0xE2 {
                isPlain = false
                break
            }
            if isPlain { output.append(contentsOf: bytes) } else { putCarefully(bytes, mask: mask, tag) }
        }
    }

    /// Writes a value that has, or may have, characters to escape or to leave out.
    private mutating func putCarefully(_ bytes: UnsafeBufferPointer<UInt8>, mask: UInt64, _ tag: ValueTag) {
        var place: String?
        if case .header(let name) = setting.escaping { place = name }
        var controls: [String] = []
        var index = 0
        var copied = 0
        while index < bytes.count {
            let byte = bytes[index]
            let length: Int
            if byte < 64 {
                length = mask >> UInt64(byte) & 1 == 0 ? 0 : 1
            } else if byte == 0x7F {
                length = 1
            } else {
                length = place == nil ? 0 : Self.separatorLength(bytes, at: index)
            }
            if length == 0 {
                index += 1
                continue
            }
            output.append(contentsOf: bytes[copied..<index])
            index += length
            copied = index
            guard hasRoom(for: bytes.count - copied + 6, key: tag.key) else { return }
            if let place {
                report(.breaksLine(place), at: tag.key)
            } else if let entity = Self.entity(byte) {
                output.append(entity)
            } else {
                let name = Self.name(ofControl: byte)
                if !controls.contains(name) { controls.append(name) }
            }
        }
        output.append(contentsOf: bytes[copied..<bytes.count])
        if !controls.isEmpty { report(.unprintable(controls), at: tag.key) }
    }

    /// The bytes of a control character of C1 or a line or paragraph separator; 0 for all others.
    private static func separatorLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        if bytes[index] == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 { return 2 }
        guard bytes[index] == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
        return bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9 ? 3 : 0
    }

    private static func entity(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }

    private static func name(ofControl byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "U+00" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}

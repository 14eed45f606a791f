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
        var range = range
        if isHeader, isBesideEmptyValue, range.count > 0, program.source[range.lowerBound] == 0x20 {
            range = range.lowerBound + 1..<range.upperBound
        }
        let isPlain = indentation.isEmpty && margin == 0
        if isPlain, !isTracing {
            guard hasRoom(for: range.count) else { return outgrow(at: Key(name: "", path: [], line: line)) }
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
            guard hasRoom(for: stop - position) else {
                return outgrow(at: Key(name: "", path: [], line: line))
            }
            if isTracing, stop > position { trace(line, key: nil) }
            output += program.source[position..<stop]
            line += 1
            begins = true
            position = stop
        } while position < range.upperBound
    }

    /// Whether the text so far ends with an empty value, and a blank or nothing before it.
    private var isBesideEmptyValue: Bool {
        emptyValue == output.count && (output.isEmpty || output.last == 0x20)
    }

    private mutating func trace(_ line: Int, key: Key?) {
        origins.append(Origin(offset: output.count, line: line, key: key, partial: partial))
    }

    /// Writes the value of a tag.
    mutating func show(_ key: Int, _ form: ValueForm, filters: Int) {
        if isTracing { trace(program.keys[key].line, key: program.keys[key]) }
        let start = output.count
        let isGuarded = isGuarding && form.contains(.escaped)
        if isGuarded { output.append(Guard.open) }
        let value = value(of: key)
        if case .text(let text)? = value, !form.contains(.filtered) {
            put(text, key, form)
        } else {
            showCarefully(value, key, form, filters: form.contains(.filtered) ? program.filters[filters] : [])
        }
        if isGuarded { output.append(Guard.close) }
        if output.count == start { emptyValue = start }
    }

    /// Writes a value that is absent, filtered or not a text.
    private mutating func showCarefully(_ value: Document.Value?, _ key: Int, _ form: ValueForm, filters: [Filter]) {
        switch value {
        case nil:
            if !form.contains(.optional) && setting.missing == .reported { report(.missing, at: program.keys[key]) }
        case .some(.text("")) where form.contains(.optional): break
        case .some(let value):
            steps += Self.dearSteps
            do throws(FilteredValue.Refusal) {
                put(try FilteredValue.text(of: value, filters, setting), key, form)
            } catch { report(error.kind, at: program.keys[key]) }
        }
    }

    private mutating func put(_ text: String, _ key: Int, _ form: ValueForm) {
        var text = text
        text.withUTF8 { bytes in
            guard hasRoom(for: bytes.count) else { return outgrow(at: program.keys[key]) }
            let mask = isGuarding || form.contains(.escaped) ? mask : rawMask
            // Where only control characters matter, long texts are looked through without branches: vectorized.
            if mask >> 32 == 0, !isHeader, bytes.count > 32, !Self.hasControls(bytes) {
                return output.append(contentsOf: bytes)
            }
            for byte in bytes where byte < 64 ? mask >> UInt64(byte) & 1 != 0 : byte >= 0x7F && mayBreakLine(byte) {
                return putCarefully(bytes, mask: mask, key)
            }
            output.append(contentsOf: bytes)
        }
    }

    /// Whether a text has a control character of ASCII, line ends included.
    private static func hasControls(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        for byte in bytes { found |= (byte < 0x20 ? 1 : 0) | (byte == 0x7F ? 1 : 0) }
        return found != 0
    }

    /// Whether a byte from 127 on is a control character, or in a header may begin one or a separator of lines.
    private func mayBreakLine(_ byte: UInt8) -> Bool {
        byte == 0x7F || isHeader && (byte == 0xC2 || byte == 0xE2)
    }

    /// Writes a value that has, or may have, characters to escape or to leave out.
    private mutating func putCarefully(_ bytes: UnsafeBufferPointer<UInt8>, mask: UInt64, _ key: Int) {
        var place: String?
        if case .header(let name) = setting.escaping { place = name }
        var controls: UInt64 = 0
        var breaksLine = false
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
            guard hasRoom(for: bytes.count - copied + 6) else { return outgrow(at: program.keys[key]) }
            if place != nil {
                breaksLine = true
            } else if let entity = HTMLEscaping.escape(of: byte, breaksLines: false) {
                output.append(entity)
            } else {
                controls |= 1 << UInt64(byte == 0x7F ? 63 : byte)
            }
        }
        output.append(contentsOf: bytes[copied..<bytes.count])
        if let place, breaksLine { report(.breaksLine(place), at: program.keys[key]) }
        if controls != 0 { report(.unprintable(Self.names(ofControls: controls)), at: program.keys[key]) }
    }

    /// The bytes of a control character of C1 or a line or paragraph separator; 0 for all others.
    private static func separatorLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        if bytes[index] == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 { return 2 }
        guard bytes[index] == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
        return bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9 ? 3 : 0
    }

    /// The names of a set's control characters; its last bit is U+007F.
    private static func names(ofControls set: UInt64) -> [String] {
        (0..<64).filter { set >> UInt64($0) & 1 != 0 }.map { bit in
            let digits = String(bit == 63 ? 0x7F : bit, radix: 16, uppercase: true)
            return "U+00" + (digits.utf8.count < 2 ? "0" : "") + digits
        }
    }
}

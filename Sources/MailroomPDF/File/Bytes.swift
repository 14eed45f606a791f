extension [UInt8] {
    @inline(__always)
    mutating func append(_ text: StaticString) {
        // A byte or two, as most operators are, cost less one by one.
        if text.utf8CodeUnitCount <= 2 {
            for place in 0..<text.utf8CodeUnitCount { append(text.utf8Start[place]) }
            return
        }
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a whole number.
    @inline(__always)
    mutating func append(decimal number: Int) {
        if number < 0 {
            append(UInt8(ascii: "-"))
            append(decimal: -number)
        } else if number < 10 {
            append(UInt8(truncatingIfNeeded: 48 + number))
        } else {
            appendDigits(of: number)
        }
    }

    private mutating func appendDigits(of number: Int) {
        if number >= 10 { appendDigits(of: number / 10) }
        append(UInt8(truncatingIfNeeded: 48 + number % 10))
    }

    /// Appends an array of references to objects.
    mutating func append(references numbers: [Int]) {
        append("[")
        for (index, number) in numbers.enumerated() {
            if index > 0 { append(" ") }
            append(decimal: number)
            append(" 0 R")
        }
        append("]")
    }

    /// Writes a number's digits over those that end before `end`, which are zeros or blanks.
    mutating func write(decimal number: Int, before end: Int) {
        var rest = number
        var place = end - 1
        while rest > 0 && place >= 0 {
            self[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
            place -= 1
        }
    }

    /// Appends a number given in thousandths, without zeros at the end.
    mutating func append(thousandths number: Int) {
        if number < 0 {
            append(UInt8(ascii: "-"))
            return append(thousandths: -number)
        }
        append(decimal: number / 1_000)
        let fraction = number % 1_000
        guard fraction != 0 else { return }
        append(UInt8(ascii: "."))
        append(UInt8(truncatingIfNeeded: 48 + fraction / 100))
        guard fraction % 100 != 0 else { return }
        append(UInt8(truncatingIfNeeded: 48 + fraction / 10 % 10))
        guard fraction % 10 != 0 else { return }
        append(UInt8(truncatingIfNeeded: 48 + fraction % 10))
    }

    /// Appends a number below 100 as two digits.
    mutating func append(digits number: Int) {
        append(UInt8(truncatingIfNeeded: 48 + number / 10 % 10))
        append(UInt8(truncatingIfNeeded: 48 + number % 10))
    }

    /// Appends a byte as two hexadecimal digits.
    @inline(__always)
    mutating func append(hex byte: UInt8) {
        append(Self.hexadecimal(byte >> 4))
        append(Self.hexadecimal(byte & 15))
    }

    @inline(__always)
    private static func hexadecimal(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 55 + nibble }

    /// Appends a text string (ISO 32000-1, 7.9.2.2): ASCII as it is, anything else as UTF-16 with a byte order mark.
    mutating func append(textString text: String) {
        if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) {
            append(literal: text)
        } else {
            append("<FEFF")
            for unit in text.utf16 {
                append(hex: UInt8(unit >> 8))
                append(hex: UInt8(truncatingIfNeeded: unit))
            }
            append(">")
        }
    }

    /// Appends ASCII as a literal string, escaped.
    mutating func append(literal text: String) {
        append("(")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "\\") {
                append(UInt8(ascii: "\\"))
            }
            append(byte)
        }
        append(")")
    }

    /// Appends an address as a literal string of ASCII (ISO 32000-1, 12.6.4.7), other bytes percent-encoded.
    mutating func append(address: String) {
        var ascii: [UInt8] = []
        for byte in address.utf8 {
            if byte > 32 && byte < 127 {
                ascii.append(byte)
            } else {
                ascii.append(UInt8(ascii: "%"))
                ascii.append(hex: byte)
            }
        }
        append(literal: String(decoding: ascii, as: UTF8.self))
    }
}

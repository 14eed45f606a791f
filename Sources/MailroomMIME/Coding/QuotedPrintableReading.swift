/// Reading quoted-printable (RFC 2045 §6.7).
enum QuotedPrintable {
    /// What it stands for; blanks at line ends are dropped, what is no escape stays.
    static func decode(_ input: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte == UInt8(ascii: "=") {
                if index + 2 < input.count, let high = ASCII.hexValue(input[index + 1]),
                    let low = ASCII.hexValue(input[index + 2])
                {
                    output.append(high << 4 | low)
                    index += 3
                } else if let next = endOfLine(input, index + 1) {
                    index = next
                } else {
                    output.append(byte)
                    index += 1
                }
            } else if ByteWriter.isBlank(byte) {
                var end = index + 1
                while end < input.count, ByteWriter.isBlank(input[end]) { end += 1 }
                let isTrailing =
                    end == input.count || input[end] == ASCII.lf
                    || (input[end] == ASCII.cr && end + 1 < input.count && input[end + 1] == ASCII.lf)
                if !isTrailing { output.append(contentsOf: input[index..<end]) }
                index = end
            } else {
                output.append(byte)
                index += 1
            }
        }
        return output
    }

    /// Where the next line begins, when only blanks stand before the end of this one.
    private static func endOfLine(_ input: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        var index = start
        while index < input.count, ByteWriter.isBlank(input[index]) { index += 1 }
        if index == input.count { return index }
        if input[index] == ASCII.lf { return index + 1 }
        return input[index] == ASCII.cr && index + 1 < input.count && input[index + 1] == ASCII.lf ? index + 2 : nil
    }

    /// The Q encoding of RFC 2047 §4.2, where the underscore stands for a blank.
    static func decodeWord(_ input: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = input.startIndex
        while index < input.endIndex {
            if input[index] == UInt8(ascii: "="), index + 2 < input.endIndex,
                let high = ASCII.hexValue(input[index + 1]),
                let low = ASCII.hexValue(input[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(input[index] == UInt8(ascii: "_") ? ASCII.space : input[index])
                index += 1
            }
        }
        return output
    }
}

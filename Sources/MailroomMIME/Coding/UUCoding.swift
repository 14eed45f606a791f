/// Reading uuencoded bodies, as POSIX defines the format.
enum UUCoding {
    static func decode(_ input: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count / 4 * 3)
        var lines = TextLines(input)
        var began = false
        while let range = lines.next() {
            let line = input[range]
            if !began {
                began = line.starts(with: "begin ".utf8)
                continue
            }
            guard let first = line.first else { continue }
            if line.starts(with: "end".utf8) { break }
            var left = Int((first &- 32) & 63)
            var index = range.lowerBound + 1
            while left > 0, index < range.upperBound {
                var bits: UInt32 = 0
                for place in 0..<4 {
                    let byte = index + place < range.upperBound ? input[index + place] : 32
                    bits = bits << 6 | UInt32((byte &- 32) & 63)
                }
                output.append(UInt8(truncatingIfNeeded: bits >> 16))
                if left > 1 { output.append(UInt8(truncatingIfNeeded: bits >> 8)) }
                if left > 2 { output.append(UInt8(truncatingIfNeeded: bits)) }
                left -= 3
                index += 4
            }
        }
        return output
    }

    /// The name in the line `begin mode name`.
    static func fileName(_ slice: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        var lines = TextLines(UnsafeBufferPointer(rebasing: slice))
        let input = UnsafeBufferPointer(rebasing: slice)
        while let range = lines.next() {
            guard input[range].starts(with: "begin ".utf8) else { continue }
            let words = input[range].split(separator: ASCII.space, maxSplits: 2)
            return words.count == 3 ? Charset.lenient(Array(words[2])[...]) : nil
        }
        return nil
    }
}

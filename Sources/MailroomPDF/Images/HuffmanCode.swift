/// A prefix code of the deflate format, known by the length of each symbol's code (RFC 1951, section 3.2.2).
struct HuffmanCode {
    /// Codes up to this length are found in one step.
    static let directBits = 10

    /// How much of the room for codes a set of lengths uses.
    enum Use { case whole, part, tooMuch }

    /// By the next bits of input, the first bit lowest: the symbol times 16 plus its code's length; 0 where the code
    /// is longer, or there is none.
    private(set) var direct = [UInt16](repeating: 0, count: 1 << directBits)
    /// How many codes there are of each length.
    private(set) var counts = [UInt16](repeating: 0, count: 16)
    /// The symbols in the order of their codes.
    private(set) var symbols: [UInt16] = []

    /// Makes the code of these lengths, each 0 to 15, 0 for a symbol that does not occur.
    mutating func build(_ lengths: ArraySlice<UInt8>) -> Use {
        for length in 0..<16 { counts[length] = 0 }
        for length in lengths { counts[Int(length)] += 1 }
        var room = 1
        var starts = [Int](repeating: 0, count: 17)
        var firstCodes = [Int](repeating: 0, count: 16)
        var code = 0
        for length in 1..<16 {
            room = room * 2 - Int(counts[length])
            if room < 0 { return .tooMuch }
            starts[length + 1] = starts[length] + Int(counts[length])
            firstCodes[length] = code
            code = (code + Int(counts[length])) * 2
        }
        symbols = [UInt16](repeating: 0, count: starts[16])
        for place in direct.indices { direct[place] = 0 }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            symbols[starts[Int(length)]] = UInt16(symbol)
            starts[Int(length)] += 1
            if length <= Self.directBits { fill(firstCodes[Int(length)], Int(length), symbol: symbol) }
            firstCodes[Int(length)] += 1
        }
        return room == 0 ? .whole : .part
    }

    private mutating func fill(_ code: Int, _ length: Int, symbol: Int) {
        // Codes are sent highest bit first, in a stream that is read lowest bit first.
        var reversed = 0
        for bit in 0..<length where code & (1 << bit) != 0 { reversed |= 1 << (length - 1 - bit) }
        let entry = UInt16(symbol << 4 | length)
        for place in stride(from: reversed, to: 1 << Self.directBits, by: 1 << length) { direct[place] = entry }
    }
}

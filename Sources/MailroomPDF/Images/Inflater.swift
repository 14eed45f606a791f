/// Reads the zlib format (RFC 1950, RFC 1951) into a buffer whose size is known beforehand: whatever the input says,
/// no more is written, and the time is in proportion to the sizes of input and output.
struct Inflater {
    enum Fault: Error { case damaged, endsEarly, tooLong, tooShort }

    private let input: UnsafeBufferPointer<UInt8>
    private let output: UnsafeMutableBufferPointer<UInt8>
    private var position = 0
    private var written = 0
    private var bits: UInt64 = 0
    private var bitCount = 0
    private var literals = HuffmanCode()
    private var distances = HuffmanCode()

    private static let lengthBases: [UInt16] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases: [UInt16] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097,
        6_145, 8_193, 12_289, 16_385, 24_577,
    ]
    /// In what order the lengths of the codes for lengths are sent.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// Inflates a stream that must give exactly this many bytes; `consumed` is where the stream ends in the input.
    static func inflate(_ input: [UInt8], count: Int) throws(Fault) -> (output: [UInt8], consumed: Int) {
        // No stream grows by more than this: room is not made for a claim that cannot be true.
        guard count <= (input.count + 16) * 1_032 else { throw .tooShort }
        var consumed = 0
        var fault: Fault?
        let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            input.withUnsafeBufferPointer { input in
                var inflater = Inflater(
                    input: input, output: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                do throws(Fault) { consumed = try inflater.inflate() } catch { fault = error }
                initialized = inflater.written
            }
        }
        if let fault { throw fault }
        return (output, consumed)
    }

    private init(input: UnsafeBufferPointer<UInt8>, output: UnsafeMutableBufferPointer<UInt8>) {
        self.input = input
        self.output = output
    }

    private mutating func inflate() throws(Fault) -> Int {
        guard input.count >= 2 else { throw .endsEarly }
        let (method, flags) = (Int(input[0]), Int(input[1]))
        guard method & 15 == 8, method >> 4 <= 7, flags & 32 == 0, (method * 256 + flags) % 31 == 0 else {
            throw .damaged
        }
        position = 2
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try useFixedCodes()
            case 2: try readCodes()
            default: throw .damaged
            }
        }
        guard written == output.count else { throw .tooShort }
        alignToByte()
        var checksum: UInt32 = 0
        for _ in 0..<4 { checksum = checksum << 8 | UInt32(try take(8)) }
        guard checksum == Adler32.checksum(of: UnsafeBufferPointer(output)) else { throw .damaged }
        return position - bitCount / 8
    }

    @inline(__always)
    private mutating func refill() {
        if input.count - position >= 8 {
            // The bits above those counted are the next ones as well: to add them again changes nothing.
            let word = UnsafeRawBufferPointer(input).loadUnaligned(fromByteOffset: position, as: UInt64.self)
            bits |= UInt64(littleEndian: word) &<< UInt64(bitCount)
            position += (63 - bitCount) >> 3
            bitCount |= 56
            return
        }
        while bitCount < 56, position < input.count {
            bits |= UInt64(input[position]) &<< UInt64(bitCount)
            position += 1
            bitCount += 8
        }
    }

    @inline(__always)
    private mutating func take(_ count: Int) throws(Fault) -> Int {
        if bitCount < count { refill() }
        guard count <= bitCount else { throw .endsEarly }
        let value = Int(bits & ((1 << UInt64(count)) - 1))
        bits >>= UInt64(count)
        bitCount -= count
        return value
    }

    private mutating func alignToByte() {
        bits >>= UInt64(bitCount & 7)
        bitCount -= bitCount & 7
    }

    private mutating func copyStored() throws(Fault) {
        alignToByte()
        let count = try take(16)
        guard try take(16) == ~count & 0xFFFF else { throw .damaged }
        // What was read ahead is given back: the bytes are copied from the input itself.
        position -= bitCount / 8
        bits = 0
        bitCount = 0
        guard count <= input.count - position else { throw .endsEarly }
        guard count <= output.count - written else { throw .tooLong }
        for offset in 0..<count { output[written + offset] = input[position + offset] }
        position += count
        written += count
    }

    private mutating func useFixedCodes() throws(Fault) {
        let lengths = (0..<288).map { UInt8($0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8) }
        _ = literals.build(lengths[...])
        _ = distances.build([UInt8](repeating: 5, count: 30)[...])
        try inflateBlock()
    }

    /// Reads the codes of a block, and then the block (RFC 1951, section 3.2.7).
    private mutating func readCodes() throws(Fault) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let orderCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .damaged }
        var lengths = [UInt8](repeating: 0, count: 19)
        for place in Self.order.prefix(orderCount) { lengths[place] = UInt8(try take(3)) }
        guard literals.build(lengths[...]) == .whole else { throw .damaged }
        let lengthCode = literals
        lengths = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try symbol(of: lengthCode)
            var (value, times) = (UInt8(truncatingIfNeeded: symbol), 1)
            if symbol == 16 {
                guard let last = lengths.last else { throw .damaged }
                (value, times) = (last, try take(2) + 3)
            } else if symbol > 16 {
                (value, times) = (0, symbol == 17 ? try take(3) + 3 : try take(7) + 11)
            }
            guard times <= literalCount + distanceCount - lengths.count else { throw .damaged }
            for _ in 0..<times { lengths.append(value) }
        }
        guard lengths[256] > 0 else { throw .damaged }
        // A code that leaves room is allowed only where it has one symbol, or none.
        let literalUse = literals.build(lengths[..<literalCount])
        guard literalUse == .whole || (literalUse == .part && literals.symbols.count == 1) else { throw .damaged }
        let distanceUse = distances.build(lengths[literalCount...])
        guard distanceUse == .whole || (distanceUse == .part && distances.symbols.count <= 1) else { throw .damaged }
        try inflateBlock()
    }

    @inline(__always)
    private mutating func symbol(of code: HuffmanCode) throws(Fault) -> Int {
        try code.direct.withUnsafeBufferPointer { direct throws(Fault) in try symbol(of: code, direct: direct) }
    }

    @inline(__always)
    private mutating func symbol(of code: HuffmanCode, direct: UnsafeBufferPointer<UInt16>) throws(Fault) -> Int {
        if bitCount < 15 { refill() }
        let entry = Int(direct[Int(truncatingIfNeeded: bits) & (1 << HuffmanCode.directBits - 1)])
        let length = entry & 15
        guard length > 0 else { return try longSymbol(of: code) }
        guard length <= bitCount else { throw .endsEarly }
        bits &>>= UInt64(length)
        bitCount -= length
        return entry >> 4
    }

    /// A symbol whose code is longer than the direct ones, read bit by bit: codes of a length are consecutive numbers.
    private mutating func longSymbol(of code: HuffmanCode) throws(Fault) -> Int {
        var (value, first, index) = (0, 0, 0)
        for length in 1..<16 {
            value |= try take(1)
            let count = Int(code.counts[length])
            if value - first < count { return Int(code.symbols[index + value - first]) }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .damaged
    }

    private mutating func inflateBlock() throws(Fault) {
        let (literals, distances) = (literals, distances)
        try literals.direct.withUnsafeBufferPointer { literalCodes throws(Fault) in
            try distances.direct.withUnsafeBufferPointer { distanceCodes throws(Fault) in
                while true {
                    let symbol = try symbol(of: literals, direct: literalCodes)
                    if symbol < 256 {
                        guard written < output.count else { throw .tooLong }
                        output[written] = UInt8(truncatingIfNeeded: symbol)
                        written += 1
                    } else if symbol == 256 {
                        return
                    } else {
                        guard symbol < 286 else { throw .damaged }
                        let length =
                            Int(Self.lengthBases[symbol - 257]) + (try take(Int(Self.lengthBits[symbol - 257])))
                        let code = try self.symbol(of: distances, direct: distanceCodes)
                        guard code < 30 else { throw .damaged }
                        try copy(length, from: Int(Self.distanceBases[code]) + take(max(0, code / 2 - 1)))
                    }
                }
            }
        }
    }

    /// Repeats what was written a distance ago; it may reach into what is being written.
    @inline(__always)
    private mutating func copy(_ length: Int, from distance: Int) throws(Fault) {
        guard distance <= written else { throw .damaged }
        guard length <= output.count - written else { throw .tooLong }
        for place in written..<(written + length) { output[place] = output[place - distance] }
        written += length
    }
}

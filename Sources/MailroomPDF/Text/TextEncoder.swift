/// Turns UTF-8 into codes, each character taken from the first of several faces that has it.
struct TextEncoder {
    private static let unknown: UInt16 = 0x3F

    /// A stretch of codes of one face that ended because another had to step in.
    struct Stretch {
        var end: Int
        var face: Int
        var isUnusual: Bool
    }

    let faces: [FontFace]
    private(set) var stretches: [Stretch] = []
    /// The face of the codes since the last stretch, the place of the next code, and whether one is above 255 or
    /// not seen.
    private(set) var face = 0
    private(set) var output: Int
    private(set) var isUnusual = false
    private(set) var hasLineBreaks = false
    private(set) var isUnsupported = false

    private let hasASCII: Bool
    private let start: Int
    private var lastScalar: UInt32 = 0

    init(faces: [FontFace], start: Int) {
        self.faces = faces
        self.start = start
        output = start
        hasASCII = faces[0].hasASCII
    }

    /// Encodes whole UTF-8; `codes` has room for a code a byte, and eight more.
    mutating func encode(_ source: UnsafePointer<UInt8>, count: Int, into codes: UnsafeMutablePointer<UInt16>) {
        var position = 0
        while position < count {
            if hasASCII && face == 0 {
                var output = self.output
                let begin = position
                while position &+ 8 <= count {
                    let bytes = UnsafeRawPointer(source + position).loadUnaligned(as: SIMD8<UInt8>.self)
                    if Self.needsALook(bytes) { break }
                    UnsafeMutableRawPointer(codes + output)
                        .storeBytes(of: SIMD8<UInt16>(truncatingIfNeeded: bytes), as: SIMD8<UInt16>.self)
                    output &+= 8
                    position &+= 8
                }
                while position < count, source[position] &- 0x20 < 0x5F {
                    codes[output] = UInt16(source[position])
                    output &+= 1
                    position &+= 1
                }
                self.output = output
                if position > begin { lastScalar = UInt32(source[position - 1]) }
                if position == count { break }
            }
            let scalar = Self.decode(source, at: &position, end: count)
            if scalar >= 0xA0 && scalar < 0x100 && scalar != 0xAD && face == 0
                && faces[0].cells[Int(scalar)] & FontFace.present != 0
                && hasASCII
            {
                codes[output] = UInt16(truncatingIfNeeded: scalar)
                output &+= 1
                lastScalar = scalar
                continue
            }
            if scalar == 13 && position < count && source[position] == 10 { position += 1 }
            encode(scalar, into: codes)
        }
    }

    /// Whether each character has a face, seen without encoding the text; false where it takes a closer look.
    static func canShow(_ utf8: UnsafeBufferPointer<UInt8>, faces: [FontFace]) -> Bool {
        guard let source = utf8.baseAddress else { return true }
        let hasASCII = faces[0].hasASCII
        var position = 0
        while position < utf8.count {
            if hasASCII {
                while position &+ 8 <= utf8.count,
                    !needsALook(UnsafeRawPointer(source + position).loadUnaligned(as: SIMD8<UInt8>.self))
                { position &+= 8 }
                while position < utf8.count, source[position] &- 0x20 < 0x5F { position &+= 1 }
                if position == utf8.count { break }
            }
            let scalar = decode(source, at: &position, end: utf8.count)
            // Marks go onto the letter before them.
            if (0x300..<0x370).contains(scalar) || !faces.contains(where: { $0.code(of: scalar) != 0 }) { return false }
        }
        return true
    }

    /// Whether one of eight bytes is no printable ASCII.
    @inline(__always)
    private static func needsALook(_ bytes: SIMD8<UInt8>) -> Bool {
        let word = unsafeBitCast(bytes, to: UInt64.self)
        // Above 126 after adding one, or below 32 after taking 32 away: the top bit of a byte says so.
        let ones: UInt64 = 0x0101_0101_0101_0101
        return (word | (word &+ ones) | (word &- ones &* 0x20)) & (ones &* 0x80) != 0
    }

    private mutating func encode(_ scalar: UInt32, into codes: UnsafeMutablePointer<UInt16>) {
        if scalar >= 0x300 && scalar < 0x370 && combine(scalar, into: codes) { return }
        var scalar = scalar
        var choice = self.choice(for: scalar)
        if choice == nil {
            isUnsupported = true
            scalar = UInt32(Self.unknown)
            choice = (face, Self.unknown)
        }
        guard let choice else { return }
        put(choice.code, of: choice.face, into: codes)
        lastScalar = scalar
    }

    /// Puts a mark onto the letter before it; false where it has to stand for itself.
    private mutating func combine(_ mark: UInt32, into codes: UnsafeMutablePointer<UInt16>) -> Bool {
        guard output > start, let composed = Composition.character(of: lastScalar, with: mark),
            let choice = choice(for: composed)
        else { return false }
        output -= 1
        if let last = stretches.last, last.end == output, choice.face != face {
            // The letter was all that its face had to show.
            (face, isUnusual) = (last.face, last.isUnusual)
            stretches.removeLast()
        }
        put(choice.code, of: choice.face, into: codes)
        lastScalar = composed
        return true
    }

    private mutating func put(_ code: UInt16, of chosen: Int, into codes: UnsafeMutablePointer<UInt16>) {
        if chosen != face {
            if output > (stretches.last?.end ?? start) {
                stretches.append(Stretch(end: output, face: face, isUnusual: isUnusual))
            }
            face = chosen
            isUnusual = false
        }
        codes[output] = code
        output += 1
        if code > 255 || faces[face].cells[Int(code)] & FontFace.unseen != 0 { isUnusual = true }
        if code == WinAnsi.lineBreak { hasLineBreaks = true }
    }

    private func choice(for scalar: UInt32) -> (face: Int, code: UInt16)? {
        for index in faces.indices {
            let code = faces[index].code(of: scalar)
            if code != 0 { return (index, code) }
        }
        return nil
    }

    /// Reads one scalar of UTF-8 that is taken to be whole; where it is not, nothing beyond `end` is read.
    @inline(__always)
    static func decode(_ source: UnsafePointer<UInt8>, at position: inout Int, end: Int) -> UInt32 {
        let first = UInt32(source[position])
        let length = min(first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4, end - position)
        var scalar = length == 1 ? first : first & (0x7F >> UInt32(length))
        var offset = 1
        while offset < length {
            scalar = scalar << 6 | UInt32(source[position + offset] & 0x3F)
            offset += 1
        }
        position += length
        return scalar
    }
}

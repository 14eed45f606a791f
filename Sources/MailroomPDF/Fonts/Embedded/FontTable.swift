/// A table of a font file, or a part of one: every read is checked against its end.
struct FontTable: Sendable {
    /// As the table of tables has it, such as `glyf`.
    let tag: String
    let bytes: ArraySlice<UInt8>

    var count: Int { bytes.count }

    /// A big-endian number of 16 bits.
    @inline(__always)
    func unsigned16(_ offset: Int) throws(FontFault) -> Int {
        guard offset >= 0, offset &+ 2 <= bytes.count else { throw end }
        let place = bytes.startIndex &+ offset
        return Int(bytes[place]) << 8 | Int(bytes[place &+ 1])
    }

    @inline(__always)
    func signed16(_ offset: Int) throws(FontFault) -> Int {
        Int(Int16(truncatingIfNeeded: try unsigned16(offset)))
    }

    @inline(__always)
    func unsigned32(_ offset: Int) throws(FontFault) -> Int {
        try unsigned16(offset) << 16 | unsigned16(offset &+ 2)
    }

    @inline(__always)
    func unsigned8(_ offset: Int) throws(FontFault) -> Int {
        guard offset >= 0, offset < bytes.count else { throw end }
        return Int(bytes[bytes.startIndex &+ offset])
    }

    /// The rest of the table from an offset on.
    func from(_ offset: Int) throws(FontFault) -> FontTable {
        guard offset >= 0, offset <= bytes.count else { throw end }
        return FontTable(tag: tag, bytes: bytes[(bytes.startIndex + offset)...])
    }

    /// A stretch of the table.
    func slice(_ offset: Int, _ length: Int) throws(FontFault) -> ArraySlice<UInt8> {
        guard offset >= 0, length >= 0, offset <= bytes.count, length <= bytes.count - offset else { throw end }
        let start = bytes.startIndex + offset
        return bytes[start..<(start + length)]
    }

    /// Refuses the font unless the table is at least so long.
    func require(_ length: Int) throws(FontFault) {
        if bytes.count < length { throw end }
    }

    private var end: FontFault { .damaged("its table \u{201C}\(tag)\u{201D} ends too early") }
}

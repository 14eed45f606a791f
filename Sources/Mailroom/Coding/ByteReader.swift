/// Reads what ``ByteWriter`` wrote. Every read is checked: damaged bytes throw, they never trap.
package struct ByteReader {
    @usableFromInline package let bytes: ArraySlice<UInt8>
    @usableFromInline package var position: Int

    /// The bytes ended early or held a value that cannot be.
    package struct Malformed: Error {
        package let offset: Int

        package init(offset: Int) { self.offset = offset }
    }

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    package var isAtEnd: Bool { position >= bytes.endIndex }

    /// What has not been read yet.
    package var rest: ArraySlice<UInt8> { bytes[position...] }

    @usableFromInline package var malformed: Malformed { Malformed(offset: position - bytes.startIndex) }

    package mutating func byte() throws(Malformed) -> UInt8 {
        guard position < bytes.endIndex else { throw malformed }
        defer { position += 1 }
        return bytes[position]
    }

    package mutating func flag() throws(Malformed) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw malformed
        }
    }

    package mutating func fixed64() throws(Malformed) -> UInt64 {
        let slice = try take(8)
        return slice.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    }

    package mutating func fixed32() throws(Malformed) -> UInt32 {
        let slice = try take(4)
        return slice.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
    }

    package mutating func unsigned() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw malformed }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    package mutating func integer() throws(Malformed) -> Int { Int(Int64(bitPattern: try unsigned())) }

    package mutating func slice() throws(Malformed) -> ArraySlice<UInt8> { try take(try integer()) }

    package mutating func slice(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> { try take(count) }

    package mutating func array() throws(Malformed) -> [UInt8] { Array(try slice()) }

    package mutating func string() throws(Malformed) -> String { String(decoding: try slice(), as: UTF8.self) }

    package mutating func optionalString() throws(Malformed) -> String? { try flag() ? try string() : nil }

    /// How many elements follow.
    package mutating func count() throws(Malformed) -> Int {
        let count = try integer()
        // Every element takes a byte at least, so a larger count is damage, not a reason to reserve memory.
        guard count >= 0, count <= bytes.endIndex - position else { throw malformed }
        return count
    }

    /// Inlined into other modules: without its element's type known it costs more than what it reads.
    @inlinable
    package mutating func list<Element>(
        _ body: (inout ByteReader) throws(Malformed) -> Element
    ) throws(Malformed) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.endIndex - position else { throw malformed }
        defer { position += count }
        return bytes[position..<position + count]
    }
}

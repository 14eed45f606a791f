/// Appends values to bytes in the form that ``ByteReader`` reads: little-endian integers, lengths as LEB128.
package struct ByteWriter {
    package var bytes: [UInt8]

    package init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

    @inlinable
    package mutating func write(_ value: UInt8) { bytes.append(value) }

    package mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    @inlinable
    package mutating func write(fixed value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    @inlinable
    package mutating func write(fixed value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    @inlinable
    package mutating func write(_ value: Int) { write(UInt64(bitPattern: Int64(value))) }

    @inlinable
    package mutating func write(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func write(_ value: [UInt8]) {
        write(value.count)
        bytes.append(contentsOf: value)
    }

    package mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { text in
            write(text.count)
            bytes.append(contentsOf: text)
        }
    }

    package mutating func write(_ value: String?) {
        write(value != nil)
        if let value { write(value) }
    }

    /// Inlined into other modules: without its element's type known it costs more than what it writes.
    @inlinable
    package mutating func write<Element>(
        _ values: some Collection<Element>, _ body: (inout ByteWriter, Element) -> Void
    ) {
        write(values.count)
        for value in values { body(&self, value) }
    }
}

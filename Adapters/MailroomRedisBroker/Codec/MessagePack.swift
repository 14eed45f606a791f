import Mailroom

/// Writes the part of MessagePack that the server's scripts read: arrays, integers, booleans and octets.
struct MessagePackWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func write(arrayOf count: Int) {
        if count < 16 {
            bytes.append(0x90 | UInt8(count))
        } else {
            write(0xDC, 0xDD, length: count)
        }
    }

    mutating func write(_ value: Bool) { bytes.append(value ? 0xC3 : 0xC2) }

    mutating func write(_ value: Int64) {
        if (0..<128).contains(value) {
            bytes.append(UInt8(value))
        } else {
            bytes.append(0xD3)
            append(UInt64(bitPattern: value), octets: 8)
        }
    }

    mutating func write(_ value: Int) { write(Int64(value)) }

    mutating func write(_ value: some Collection<UInt8>) {
        if value.count < 32 {
            bytes.append(0xA0 | UInt8(value.count))
        } else {
            write(0xDA, 0xDB, length: value.count)
        }
        bytes.append(contentsOf: value)
    }

    mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { write($0) }
    }

    /// A text, or `false` where there is none: scripts cannot keep a nil in an array.
    mutating func write(orFalse value: String?) {
        if let value { write(value) } else { write(false) }
    }

    private mutating func write(_ short: UInt8, _ long: UInt8, length: Int) {
        bytes.append(length < 1 << 16 ? short : long)
        append(UInt64(length), octets: length < 1 << 16 ? 2 : 4)
    }

    private mutating func append(_ value: UInt64, octets: Int) {
        for index in (0..<octets).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
}

/// Reads what ``MessagePackWriter`` and the server's scripts write. Every read is checked.
struct MessagePackReader {
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func array() throws(Malformed) -> Int {
        let mark = try byte()
        let count: Int
        switch mark {
        case 0x90...0x9F: count = Int(mark & 15)
        case 0xDC: count = Int(try unsigned(2))
        case 0xDD: count = Int(try unsigned(4))
        // Scripts do not tell an empty array from an empty map.
        case 0x80: count = 0
        default: throw Malformed()
        }
        // Every element takes an octet at least.
        guard count <= bytes.count - position else { throw Malformed() }
        return count
    }

    mutating func integer() throws(Malformed) -> Int64 {
        let mark = try byte()
        switch mark {
        case 0x00...0x7F: return Int64(mark)
        case 0xE0...0xFF: return Int64(Int8(bitPattern: mark))
        case 0xCC: return Int64(try unsigned(1))
        case 0xCD: return Int64(try unsigned(2))
        case 0xCE: return Int64(try unsigned(4))
        case 0xCF, 0xD3: return Int64(bitPattern: try unsigned(8))
        case 0xD0: return Int64(Int8(truncatingIfNeeded: try unsigned(1)))
        case 0xD1: return Int64(Int16(truncatingIfNeeded: try unsigned(2)))
        case 0xD2: return Int64(Int32(truncatingIfNeeded: try unsigned(4)))
        case 0xCB:
            let value = Double(bitPattern: try unsigned(8))
            guard value.magnitude < 9e15 else { throw Malformed() }
            return Int64(value)
        default: throw Malformed()
        }
    }

    mutating func octets() throws(Malformed) -> ArraySlice<UInt8> {
        let mark = try byte()
        let count: Int
        switch mark {
        case 0xA0...0xBF: count = Int(mark & 31)
        case 0xD9, 0xC4: count = Int(try unsigned(1))
        case 0xDA, 0xC5: count = Int(try unsigned(2))
        case 0xDB, 0xC6: count = Int(try unsigned(4))
        default: throw Malformed()
        }
        guard count <= bytes.count - position else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func string() throws(Malformed) -> String { String(decoding: try octets(), as: UTF8.self) }

    /// A text, or nothing where `false` stands.
    mutating func stringOrFalse() throws(Malformed) -> String? { try isFalse() ? nil : try string() }

    mutating func integerOrFalse() throws(Malformed) -> Int64? { try isFalse() ? nil : try integer() }

    private mutating func isFalse() throws(Malformed) -> Bool {
        guard position < bytes.count else { throw Malformed() }
        guard bytes[position] == 0xC2 || bytes[position] == 0xC0 else { return false }
        position += 1
        return true
    }

    private mutating func byte() throws(Malformed) -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func unsigned(_ octets: Int) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<octets { value = value << 8 | UInt64(try byte()) }
        return value
    }
}

import Mailroom

/// What a stored record is.
enum RecordKind: UInt8 {
    case enqueued = 1
    case leased
    case extended
    /// Jobs were settled, ended, revived, or learnt something late.
    case changed
    case removed
    /// The bytes of an attachment, stored before the first job that names them.
    case attachment
    /// The boot of the machine that wrote what follows; the first record of every segment.
    case boot
    /// The segment's last record: the log goes on in the next one.
    case end
    /// Jobs whose earlier records are about to be dropped, as they stand.
    case moved
}

/// A place in the log.
struct Position: Comparable {
    var segment: UInt32
    var offset: UInt32

    static func < (one: Position, other: Position) -> Bool {
        (one.segment, one.offset) < (other.segment, other.offset)
    }
}

/// The 24 bytes before each record's payload.
///
/// The checksum covers the payload, the head and the record's place, so neither zeros nor what an earlier use of the
/// space left behind pass for a record.
struct RecordHead {
    static let size = 24

    var length: UInt32
    var kind: UInt8
    /// How far its segment was known to be on the disk when the record was written. Damage before this place has hit
    /// what was acknowledged; damage after it may be an interrupted write.
    var synced: UInt32
    var checksum: UInt64

    /// The bytes that a record takes with a payload of this length: the next one starts on a multiple of eight.
    static func space(forPayload length: Int) -> Int { (size + length + 7) & ~7 }

    init(_ kind: RecordKind, length: Int, hash: UInt64, at position: Position, synced: UInt32) {
        self.length = UInt32(length)
        self.kind = kind.rawValue
        self.synced = synced
        checksum = 0
        checksum = expected(hash: hash, at: position)
    }

    /// Reads a head; `nil` for what cannot be one, zeros among it.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= RecordHead.size else { return nil }
        length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
        let rest = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        synced = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let reserved = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        checksum = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard length > 0, rest > 0, rest < 256, reserved == 0 else { return nil }
        kind = UInt8(rest)
    }

    func store(in bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: UInt32(kind).littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: synced.littleEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 16, as: UInt64.self)
    }

    /// The checksum that a record with a payload of this hash has at this place.
    func expected(hash: UInt64, at position: Position) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
            words[0] = hash.littleEndian
            words[1] = (UInt64(position.segment) << 32 | UInt64(position.offset)).littleEndian
            words[2] = (UInt64(length) << 32 | UInt64(kind)).littleEndian
            words[3] = UInt64(synced).littleEndian
            return Fingerprint(of: UnsafeRawBufferPointer(words)).rawValue
        }
    }

    /// Whether a whole record of this head, payload included, stands at the start of the bytes.
    func isWhole(in bytes: UnsafeRawBufferPointer, at position: Position) -> Bool {
        let end = RecordHead.size + Int(length)
        guard end <= bytes.count else { return false }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[RecordHead.size..<end])
        return expected(hash: Fingerprint(of: payload).rawValue, at: position) == checksum
    }
}

/// A record made ready by whoever wants it stored: the commit thread only adds the head.
struct EncodedRecord: Sendable {
    let kind: RecordKind
    /// Room for the head, then the payload.
    let bytes: [UInt8]
    let hash: UInt64

    init(_ kind: RecordKind, reserving capacity: Int = 256, _ body: (inout ByteWriter) -> Void) {
        var writer = ByteWriter(reserving: RecordHead.size + capacity)
        for _ in 0..<3 { writer.write(fixed: UInt64(0)) }
        body(&writer)
        self.init(kind, headed: writer.bytes)
    }

    /// Takes bytes that begin with room for the head.
    init(_ kind: RecordKind, headed bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
        hash = bytes.withUnsafeBytes {
            Fingerprint(of: UnsafeRawBufferPointer(rebasing: $0[RecordHead.size...])).rawValue
        }
    }

    var space: Int { (bytes.count + 7) & ~7 }
}

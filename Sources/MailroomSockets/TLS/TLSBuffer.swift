import MailroomLibraries

/// The room of one connection for what goes to the socket or has just come from it, never both at a time.
final class TLSBuffer {
    /// Four records and what encryption adds to them, also where records are small.
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 6 * TLSEngine.recordSize, alignment: 16)

    deinit { space.deallocate() }
}

/// The frames that TLS puts plaintext in.
enum TLSRecords {
    /// How many records lie wholly within the first `count` octets; a header is five octets of which the last two are
    /// the length (RFC 8446, section 5.1).
    static func whole(in octets: UnsafeRawBufferPointer, of count: Int) -> Int {
        var records = 0
        var end = 0
        while end + 5 <= octets.count {
            end += 5 + Int(octets[end + 3]) << 8 + Int(octets[end + 4])
            if end > count { break }
            records += 1
        }
        return records
    }
}

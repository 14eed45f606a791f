/// A connection that carries octets both ways and blocks the calling thread until a deadline: TCP, or TLS over it.
///
/// One thread at a time uses it.
public protocol SocketStream: AnyObject {
    /// Waits for octets and takes what has arrived, at most what the buffer holds.
    /// - Returns: how many octets were read; 0 at the end.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int

    /// Writes all octets and counts in `taken` those that may have reached the peer: after an error, no octet from there
    /// on can have.
    func write(
        _ bytes: UnsafeRawBufferPointer, taken: inout Int, deadline: ContinuousClock.Instant
    ) throws(SocketError)

    /// Whether something can be read without waiting: octets, the end or an error. On a connection that is idle by
    /// agreement, true means that it must not be used again.
    var hasInput: Bool { get }

    /// Closes the connection; nothing can be written any more.
    func close()
}

extension SocketStream {
    /// Waits for octets and appends what has arrived, at most `limit`.
    /// - Returns: how many octets were appended; 0 at the end.
    public func read(
        appendingTo bytes: inout [UInt8], limit: Int = 16_384, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int {
        try withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer throws(SocketError) in
            let count = try read(into: buffer, deadline: deadline)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return count
        }
    }

    /// Writes all octets. After an error an unknown part has left.
    public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SocketError) {
        var taken = 0
        try bytes.withUnsafeBufferPointer { bytes throws(SocketError) in
            try write(UnsafeRawBufferPointer(bytes), taken: &taken, deadline: deadline)
        }
    }
}

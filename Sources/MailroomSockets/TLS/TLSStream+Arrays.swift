extension TLSStream {
    /// Waits for octets and appends what has arrived, at most `limit`.
    /// - Returns: how many octets were appended; 0 at the end.
    public func read(
        appendingTo bytes: inout [UInt8], limit: Int = 16_384, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int {
        try append(to: &bytes, limit: limit) { buffer throws(SocketError) in
            try read(into: buffer, deadline: deadline)
        }
    }

    /// Writes all octets. After an error an unknown part has left.
    public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SocketError) {
        try bytes.withUnsafeBytes { buffer -> Result<Void, SocketError> in
            var taken = 0
            do throws(SocketError) { return .success(try write(buffer, taken: &taken, deadline: deadline)) } catch {
                return .failure(error)
            }
        }.get()
    }
}

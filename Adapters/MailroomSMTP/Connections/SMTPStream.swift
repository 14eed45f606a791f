import MailroomSockets

/// What a connection reads and writes: plain TCP, or something that encrypts.
protocol SMTPStream: AnyObject {
    /// Waits for octets; returns 0 at the end.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int

    /// Takes what arrives within a few milliseconds; `nil` when nothing did.
    func readSoon(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int?

    /// Writes all octets; after an error those from `taken` on cannot have reached the peer.
    func write(
        _ bytes: UnsafeRawBufferPointer, taken: inout Int, deadline: ContinuousClock.Instant
    ) throws(SocketError)

    /// Whether something can be read without waiting: octets, the end or an error.
    var hasInput: Bool { get }

    func close()
}

extension TCPStream: SMTPStream {}
extension TLSStream: SMTPStream {
    func readSoon(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int? {
        do throws(SocketError) {
            return try read(into: buffer, deadline: .now + .milliseconds(2))
        } catch {
            if error.code == .timedOut { return nil }
            throw error
        }
    }
}

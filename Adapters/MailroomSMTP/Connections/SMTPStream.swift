import MailroomSockets

/// What a connection reads and writes: plain TCP, or something that encrypts.
protocol SMTPStream: SocketStream {
    /// Takes what arrives within a few milliseconds; `nil` when nothing did.
    func readSoon(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int?
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

public import MailroomLibraries

/// A TLS connection over a TCP connection, whose operations block the calling thread until a deadline.
///
/// One thread at a time uses it, and from the handshake on nothing else uses the TCP stream, save to interrupt it. What
/// was read before the handshake must have been dropped: an attacker may have slipped it in (RFC 3207, section 6).
///
/// The end of the TCP connection counts as the end of what the peer sends, also where the peer's notice of it is missing,
/// as many peers leave it out: a protocol that does not say itself where a message ends must not take that for complete.
public final class TLSStream: SocketStream {
    /// What was agreed in the handshake.
    public let facts: TLSFacts
    private let stream: TCPStream
    private let engine: TLSEngine
    private let buffer: TLSBuffer
    private var hasEnded = false
    private var canWrite = true

    /// How many octets are encrypted before they are sent.
    private static let chunk = 4 * TLSEngine.recordSize

    private init(_ stream: TCPStream, _ engine: TLSEngine, _ buffer: TLSBuffer) {
        self.stream = stream
        self.engine = engine
        self.buffer = buffer
        facts = engine.facts
    }

    /// Makes a connection TLS as its client.
    ///
    /// A client's certificate that the server does not accept shows, with TLS 1.3, only at the first read.
    ///
    /// - Parameters:
    ///   - stream: the connection, of which nothing else reads or writes from now on.
    ///   - context: whom it trusts and what it shows; a client's.
    ///   - serverName: what the server's certificate must be for, a host name or a numeric address.
    ///   - deadline: when the handshake ends with ``SocketError/Code/timedOut``.
    public static func client(
        over stream: TCPStream, context: TLSContext, serverName: String, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> TLSStream {
        let port = stream.remoteAddress.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let engine: TLSEngine
        do throws(TLSError) {
            engine = try TLSEngine(context, serverName: serverName, port: port)
        } catch {
            throw SocketError(error)
        }
        return try begin(engine, over: stream, deadline: deadline)
    }

    /// Makes a connection TLS as its server.
    public static func server(
        over stream: TCPStream, context: TLSContext, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> TLSStream {
        let engine: TLSEngine
        do throws(TLSError) {
            engine = try TLSEngine(server: context)
        } catch {
            throw SocketError(error)
        }
        return try begin(engine, over: stream, deadline: deadline)
    }

    private static func begin(
        _ engine: TLSEngine, over stream: TCPStream, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> TLSStream {
        let shake = TLSHandshake(stream: stream, engine: engine, buffer: TLSBuffer())
        try shake.run(deadline: deadline)
        return TLSStream(stream, engine, shake.buffer)
    }

    /// Waits for octets and takes what has arrived, at most what the buffer holds.
    /// - Returns: how many octets were read; 0 at the end.
    public func read(
        into target: UnsafeMutableRawBufferPointer, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Int {
        var isFirst = true
        while true {
            switch try decrypt(into: target) {
            case .plaintext(let count): return count
            case .end: return 0
            case .needsInput:
                if hasEnded { return 0 }
                try? send(deadline: deadline)
                // A peer may send without end what is not plaintext; what has arrived may be looked at once all the same.
                if !isFirst, deadline <= .now { throw .timedOut(doing: "read from \(stream.remoteAddress)") }
                try fill(deadline: deadline)
                isFirst = false
            }
        }
    }

    /// Writes all octets and counts in `taken` those that may have reached the peer: after an error, no octet from there
    /// on can have. A record that the system took only a part of does not count, since the peer cannot decrypt it, and
    /// nothing is written any more.
    public func write(
        _ bytes: UnsafeRawBufferPointer, taken: inout Int, deadline: ContinuousClock.Instant
    ) throws(SocketError) {
        guard canWrite else { throw .closed(doing: "write to \(stream.remoteAddress)") }
        try send(deadline: deadline)
        var rest = bytes
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.chunk))
            do throws(TLSError) {
                try engine.write(chunk)
            } catch {
                canWrite = false
                throw SocketError(error)
            }
            try send(counting: chunk.count, into: &taken, deadline: deadline)
            rest = UnsafeRawBufferPointer(rebasing: rest[chunk.count...])
        }
    }

    /// Whether plaintext, the end or an error can be read without waiting. Tickets and other messages of TLS itself are
    /// dealt with and do not count, so that a connection that is idle by agreement stays usable.
    public var hasInput: Bool {
        while true {
            if hasEnded || engine.hasPlaintext() { return true }
            guard stream.hasInput else { return false }
            guard (try? fill(deadline: .now)) != nil else { return true }
        }
    }

    /// Tells the peer that nothing more comes, without waiting for anything, and closes the connection.
    public func close() {
        if canWrite {
            engine.finishWriting()
            try? send(deadline: .now)
        }
        canWrite = false
        // Where octets lie unread the system breaks the connection off, and the peer may lose what was written last.
        for _ in 0..<64 where stream.hasInput {
            guard let count = try? stream.read(into: buffer.space, deadline: .now), count > 0 else { break }
        }
        hasEnded = true
        stream.close()
    }

    private func decrypt(into target: UnsafeMutableRawBufferPointer) throws(SocketError) -> TLSEngine.Reading {
        do throws(TLSError) {
            return try engine.read(into: target)
        } catch {
            try? send(deadline: .now)
            canWrite = false
            throw SocketError(error)
        }
    }

    private func fill(deadline: ContinuousClock.Instant) throws(SocketError) {
        let count = try stream.read(into: buffer.space, deadline: deadline)
        if count == 0 { hasEnded = true }
        engine.receive(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]))
    }

    /// Sends what TLS itself has to say.
    private func send(deadline: ContinuousClock.Instant) throws(SocketError) {
        var nothing = 0
        if canWrite { try send(counting: 0, into: &nothing, deadline: deadline) }
    }

    /// Sends the output, which begins with a record and holds so many octets of plaintext.
    private func send(
        counting plaintext: Int, into taken: inout Int, deadline: ContinuousClock.Instant
    ) throws(SocketError) {
        var isFirst = true
        while true {
            let count = engine.takeOutput(into: buffer.space)
            if count == 0 { break }
            let octets = UnsafeRawBufferPointer(rebasing: buffer.space[..<count])
            var sent = 0
            do throws(SocketError) {
                try stream.write(octets, taken: &sent, deadline: deadline)
            } catch {
                canWrite = false
                taken +=
                    isFirst ? min(plaintext, TLSRecords.whole(in: octets, of: sent) * TLSEngine.recordSize) : plaintext
                throw error
            }
            isFirst = false
        }
        taken += plaintext
    }
}

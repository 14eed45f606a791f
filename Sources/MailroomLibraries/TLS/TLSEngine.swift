/// One side of one TLS session as a machine without sockets: octets in and out, plaintext in and out.
///
/// Give what arrives to ``receive(_:)``, send what ``takeOutput(into:)`` has after every call, also after one that threw:
/// it may be the alert that tells the peer why. For one thread at a time.
public final class TLSEngine {
    /// What a read came to.
    public enum Reading: Hashable, Sendable {
        /// So many octets of plaintext.
        case plaintext(Int)
        /// Nothing before more arrives.
        case needsInput
        /// The peer said that it sends no more.
        case end
    }

    /// How much plaintext a record holds at most (RFC 8446, section 5.1).
    public static let recordSize = 16_384

    let context: TLSContext
    let session: OpaquePointer
    let server: TLSSessions.Server
    /// What was wrong with the peer's certificate.
    var problem: TLSCertificateProblem?
    private let library: OpenSSL
    /// Owned by the session, as is the output.
    private let input: OpaquePointer
    private let output: OpaquePointer
    private var failure: TLSError?
    private var hasEnded = false
    private var isEstablished = false

    /// A client's side, of a client's context.
    ///
    /// - Parameters:
    ///   - context: whom it trusts and what it shows; a client's.
    ///   - serverName: the host name or numeric address that the server's certificate must be for. A name is told to
    ///     the server (RFC 6066, section 3).
    ///   - port: sessions are taken up again for the same name and port only.
    public init(_ context: TLSContext, serverName: String, port: Int = 0) throws(TLSError) {
        let name = serverName.last == "." ? String(serverName.dropLast()) : serverName
        let isOdd = name.isEmpty || name.first == "." || name.utf8.contains { $0 <= 0x20 || $0 == 0x7F }
        guard !context.isServer, !isOdd else {
            throw TLSError(
                .failed, isOdd ? "TLS needs the server's name or address." : "A server's TLS context is not a client's."
            )
        }
        (library, self.context) = (context.library, context)
        server = TLSSessions.Server(name: name, port: port)
        (session, input, output) = try Self.start(context)
        let ssl = library.ssl
        ssl.setClient(session)
        let isAddress = IPAddressText.isAddress(name)
        var isTaken = true
        if isAddress {
            isTaken = library.crypto.setAddress(ssl.parameters(session), name) == 1
        } else {
            ssl.setHostFlags(session, SSLFunctions.noPartialWildcards)
            isTaken = ssl.setHost(session, name) == 1
            name.withCString { name in
                let name = UnsafeMutableRawPointer(mutating: name)
                isTaken = ssl.control(session, SSLFunctions.Control.serverName, 0, name) == 1 && isTaken
            }
        }
        guard isTaken else { throw TLSError(.failed, "TLS cannot be spoken with a server called \"\(name)\".") }
        if let earlier = context.sessions.take(of: server) { _ = ssl.setSession(session, earlier.pointer) }
        _ = ssl.setExtra(session, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    /// A server's side, of a server's context.
    public init(server context: TLSContext) throws(TLSError) {
        guard context.isServer else { throw TLSError(.failed, "A client's TLS context is not a server's.") }
        (library, self.context) = (context.library, context)
        server = TLSSessions.Server(name: "", port: 0)
        (session, input, output) = try Self.start(context)
        library.ssl.setServer(session)
        _ = library.ssl.setExtra(session, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        // Without this a session whose end the peer has not confirmed could not be taken up again.
        if failure == nil { library.ssl.setShutdown(session, SSLFunctions.shutdownBothWays) }
        library.ssl.free(session)
    }

    private static func start(
        _ context: TLSContext
    ) throws(TLSError) -> (session: OpaquePointer, input: OpaquePointer, output: OpaquePointer) {
        let (ssl, crypto) = (context.library.ssl, context.library.crypto)
        let (input, output) = (crypto.newBIO(crypto.memoryMethod()), crypto.newBIO(crypto.memoryMethod()))
        guard let session = ssl.new(context.pointer), let input, let output else {
            _ = crypto.freeBIO(input)
            _ = crypto.freeBIO(output)
            throw TLSError(.failed, "OpenSSL could not begin a session: \(crypto.takeErrorText()).")
        }
        ssl.setBIOs(session, input, output)
        return (session, input, output)
    }

    /// Takes in what arrived from the peer.
    public func receive(_ octets: UnsafeRawBufferPointer) {
        var rest = octets
        while !rest.isEmpty {
            let count = library.crypto.writeBIO(input, rest.baseAddress, Int32(clamping: rest.count))
            guard count > 0 else { return fail(TLSError(.failed, "OpenSSL has no memory left.")) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
    }

    /// Whether there is something to send.
    public var hasOutput: Bool { library.crypto.controlBIO(output, CryptoFunctions.pending, 0, nil) > 0 }

    /// Fills the buffer with what is to be sent next and forgets it; 0 when there is nothing.
    public func takeOutput(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        max(0, Int(library.crypto.readBIO(output, buffer.baseAddress, Int32(clamping: buffer.count))))
    }

    /// Goes on with the handshake as far as possible; true once it is complete on this side.
    public func handshake() throws(TLSError) -> Bool {
        if isEstablished { return true }
        guard try perform({ library.ssl.handshake(session) }) == .done else { return false }
        isEstablished = true
        return true
    }

    /// Decrypts what has arrived, as much as the buffer holds.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> Reading {
        try read(into: buffer, with: library.ssl.read)
    }

    /// Whether plaintext, the end or an error is there to be read. What else has arrived, such as tickets, is dealt
    /// with on the way.
    public func hasPlaintext() -> Bool {
        let reading = withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { buffer in
            try? read(into: buffer, with: library.ssl.peek)
        }
        return reading != .needsInput
    }

    private func read(
        into buffer: UnsafeMutableRawBufferPointer,
        with function: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    ) throws(TLSError) -> Reading {
        if hasEnded { return .end }
        guard !buffer.isEmpty else { return .plaintext(0) }
        var count: Int32 = 0
        switch try perform({
            count = function(session, buffer.baseAddress, Int32(clamping: buffer.count))
            return count
        }) {
        case .done: return .plaintext(Int(count))
        case .wantsInput: return .needsInput
        case .closed:
            hasEnded = true
            return .end
        }
    }

    /// Encrypts all octets into the output, in records of ``recordSize``.
    public func write(_ octets: UnsafeRawBufferPointer) throws(TLSError) {
        var rest = octets
        while !rest.isEmpty {
            var count: Int32 = 0
            let outcome = try perform {
                count = library.ssl.write(session, rest.baseAddress, Int32(clamping: rest.count))
                return count
            }
            guard outcome == .done else {
                throw TLSError(.failed, "TLS with \(peerName) cannot send: the session is not open.")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
    }

    /// Puts the notice that nothing more is sent into the output.
    public func finishWriting() {
        guard failure == nil, isEstablished else { return }
        library.crypto.clearErrors()
        _ = library.ssl.shutdown(session)
        library.crypto.clearErrors()
    }

    /// The peer as errors call it.
    var peerName: String { context.isServer ? "the client" : server.name }

    private enum Outcome { case done, wantsInput, closed }

    /// Nothing may come between the three steps, since the error queue belongs to the thread.
    private func perform(_ operation: () -> Int32) throws(TLSError) -> Outcome {
        if let failure { throw failure }
        library.crypto.clearErrors()
        let result = operation()
        if result > 0 { return .done }
        let kind = library.ssl.failure(session, result)
        switch kind {
        case SSLFunctions.Failure.wantsRead: return .wantsInput
        case SSLFunctions.Failure.closed: return .closed
        default:
            let error = TLSFailure.error(library.crypto.takeErrors(), of: self)
            fail(error)
            throw error
        }
    }

    private func fail(_ error: TLSError) {
        failure = failure ?? error
        if !isEstablished, !context.isServer { context.sessions.forget(server) }
    }
}

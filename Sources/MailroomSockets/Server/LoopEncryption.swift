import MailroomLibraries

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// TLS between a server's loop and one of its sockets: encrypts what leaves and decrypts what arrives.
///
/// Only a little is encrypted ahead, so that a slow reader holds back its writer as it does without TLS.
final class LoopEncryption {
    /// What decrypting came to.
    enum Progress {
        /// The handshake is complete.
        case established(TLSFacts)
        /// So many octets of plaintext.
        case octets(Int)
        /// Nothing before more arrives.
        case nothing
        /// The peer sends no more.
        case ended
        /// There is no session, or none any more; the alert that says so is ready to be sent.
        case failed
    }

    /// How much plaintext is encrypted at a time.
    static let chunk = 4 * TLSEngine.recordSize

    private let engine: TLSEngine
    private var pending: [UInt8] = []
    private var sent = 0
    private var isFinished = false
    /// Whether the handshake is under way.
    private(set) var isShaking = true
    private(set) var hasFailed = false

    init(_ context: TLSContext) throws(TLSError) { engine = try TLSEngine(server: context) }

    /// Whether encrypted octets wait to be sent.
    var hasPending: Bool { sent < pending.count }

    /// Whether so much waits that nothing more may be read: TLS itself answers some of what a peer sends, and a peer that
    /// takes no answers must not fill the memory with them.
    var isFull: Bool { pending.count - sent > 4 * Self.chunk }

    func receive(_ octets: UnsafeRawBufferPointer) { engine.receive(octets) }

    /// Goes on with what has arrived.
    func advance(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        guard !hasFailed else { return .failed }
        defer { collect() }
        do throws(TLSError) {
            if isShaking {
                guard try engine.handshake() else { return .nothing }
                isShaking = false
                return .established(engine.facts)
            }
            switch try engine.read(into: buffer) {
            case .plaintext(let count): return .octets(count)
            case .needsInput: return .nothing
            case .end: return .ended
            }
        } catch {
            hasFailed = true
            isShaking = false
            return .failed
        }
    }

    /// Encrypts octets; false when the session is broken.
    func encrypt(_ octets: UnsafeRawBufferPointer) -> Bool {
        do throws(TLSError) { try engine.write(octets) } catch {
            hasFailed = true
            return false
        }
        collect()
        return true
    }

    /// Tells the peer once that nothing more comes.
    func finish() {
        guard !isFinished, !hasFailed else { return }
        isFinished = true
        engine.finishWriting()
        collect()
    }

    /// Sends what is encrypted, as much as `send` takes.
    func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
        while sent < pending.count {
            let taken = pending.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            if taken <= 0 { return }
            sent += taken
        }
        sent = 0
        pending.removeAll(keepingCapacity: pending.capacity <= 8 * 1024)
    }

    /// Takes what TLS has to send.
    private func collect() {
        withUnsafeTemporaryAllocation(byteCount: TLSEngine.recordSize, alignment: 1) { space in
            while true {
                let count = engine.takeOutput(into: space)
                if count == 0 { return }
                pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: space[..<count]))
            }
        }
    }
}

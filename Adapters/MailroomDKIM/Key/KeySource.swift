import Dispatch
import Mailroom
import MailroomLibraries
import Synchronization

/// A private key that is read when it is first needed, and then kept.
///
/// A failure is not kept: a file that appears, or a library that is installed, mends a running process.
final class KeySource: Sendable {
    enum Origin {
        case text([UInt8])
        case file(String)
    }

    private struct State {
        var origin: Origin
        var passPhrase: String?
        var key: SigningKey?
    }

    /// Where the key is from, for people.
    let name: String
    /// Whether reading the key touches a file.
    let isFile: Bool
    private let state: Mutex<State>
    /// One thread at most waits for a file.
    let queue = DispatchQueue(label: "mailroom.dkim-key")

    init(_ origin: Origin, _ passPhrase: String?) {
        switch origin {
        case .text: (name, isFile) = ("PEM text", false)
        case .file(let path): (name, isFile) = (path, true)
        }
        state = Mutex(State(origin: origin, passPhrase: passPhrase))
    }

    /// The key, read on a thread that may block where it comes from a file, and waited for until the deadline.
    func key(until deadline: ContinuousClock.Instant) async throws(LibraryError) -> SigningKey {
        if let key = state.withLock({ $0.key }) { return key }
        guard isFile else { return try read() }
        let outcome: Result<SigningKey, LibraryError> = await FirstAnswer.wait(
            until: deadline,
            late: .failure(LibraryError("\(self.name) could not be read in time: its disk does not answer.")),
            cancelled: { .failure(LibraryError("Waiting for the key was cancelled.")) }
        ) { answer in
            queue.async { answer.give(Result { () throws(LibraryError) in try self.read() }) }
        }
        return try outcome.get()
    }

    /// The key, read by the caller's own thread.
    func read() throws(LibraryError) -> SigningKey {
        let now = state.withLock { $0 }
        if let key = now.key { return key }
        try SigningKey.prepare()
        let key = try Self.read(now.origin, now.passPhrase)
        return state.withLock { state in
            // From now on the key is in libcrypto alone, and there once.
            if let earlier = state.key { return earlier }
            state = State(origin: .text([]), passPhrase: nil, key: key)
            return key
        }
    }

    private static func read(_ origin: Origin, _ passPhrase: String?) throws(LibraryError) -> SigningKey {
        var pem =
            switch origin {
            case .text(let bytes): bytes
            case .file(let path): try KeyFile.contents(of: path)
            }
        let reading = pem.withUnsafeMutableBytes { bytes in
            defer { bytes.initializeMemory(as: UInt8.self, repeating: 0) }
            return Result { () throws(LibraryError) in
                try SigningKey(pem: UnsafeRawBufferPointer(bytes), passPhrase: passPhrase)
            }
        }
        let key = try reading.get()
        guard key.kind == .ed25519 || key.bits >= 1024 else {
            throw LibraryError(
                "An RSA key of \(key.bits) bits is too short: receivers ignore what has less than 1024 "
                    + "(RFC 8301 §3.2). Make one of 2048: openssl genrsa 2048")
        }
        return key
    }
}

/// A private key that signs: RSA (PKCS #1 v1.5 with SHA-256) or Ed25519 (RFC 8032).
///
/// The key exists only inside libcrypto and is wiped there when the last reference goes. Unchecked, because a key is
/// never changed once it is read, and libcrypto lets any number of threads sign with one key, each by its own context.
package final class SigningKey: @unchecked Sendable {
    /// What the key signs by.
    package enum Kind: Sendable { case rsa, ed25519 }

    /// What the key signs by.
    package let kind: Kind
    /// The length of an RSA key's modulus; 253 for Ed25519.
    package let bits: Int
    /// What others verify with: for RSA a SubjectPublicKeyInfo (RFC 5280 §4.1), for Ed25519 the 32 octets alone.
    package let publicKey: [UInt8]

    private let crypto: CryptoFunctions
    private let functions: SigningFunctions
    private let key: OpaquePointer
    private let signatureSize: Int

    /// Loads libcrypto, so that what throws afterwards is the key's own fault.
    package static func prepare() throws(LibraryError) {
        _ = try CryptoFunctions.load()
        _ = try SigningFunctions.load()
    }

    /// Reads the first private key of a PEM text: PKCS #8, encrypted or not, or PKCS #1 for RSA. Never asks anybody
    /// for a pass phrase. A key that does not verify what it signs is refused.
    package convenience init(pem: UnsafeRawBufferPointer, passPhrase: String? = nil) throws(LibraryError) {
        let (crypto, functions) = try (CryptoFunctions.load(), SigningFunctions.load())
        try self.init(Self.read(pem, PassPhrase(passPhrase), by: crypto), of: crypto, functions)
    }

    private init(
        _ key: OpaquePointer, of crypto: CryptoFunctions, _ functions: SigningFunctions
    ) throws(LibraryError) {
        self.crypto = crypto
        self.functions = functions
        self.key = key
        bits = Int(functions.keyBits(key))
        signatureSize = Int(functions.keySize(key))
        let encoded = Self.encodedPublicKey(of: key, by: functions)
        switch functions.keyKind(key) {
        case 6:
            kind = .rsa
            publicKey = encoded
        case 1087:
            kind = .ed25519
            publicKey = Array(encoded.suffix(32))
        default:
            kind = .rsa
            publicKey = []
        }
        guard !publicKey.isEmpty else {
            throw LibraryError("The key is neither RSA nor Ed25519. Make one with: openssl genrsa 2048")
        }
        let probe = Array("probe".utf8)
        guard let signature = try? signature(of: probe), isValid(signature, of: probe) else {
            throw LibraryError(
                "The private key is damaged: what it signs does not verify. Restore it from a copy or make a new one.")
        }
    }

    deinit { crypto.freeKey(key) }

    /// The signature of a message; equal messages have equal signatures.
    package func signature(of message: [UInt8]) throws(LibraryError) -> [UInt8] {
        crypto.clearErrors()
        defer { crypto.clearErrors() }
        let context = functions.newContext()
        defer { functions.freeContext(context) }
        var length = signatureSize
        var isDone = functions.beginSigning(context, nil, digest, nil, key) == 1
        let signature = [UInt8](unsafeUninitializedCapacity: signatureSize) { room, count in
            isDone = isDone && functions.sign(context, room.baseAddress, &length, message, message.count) == 1
            count = isDone ? length : 0
        }
        guard isDone else {
            throw LibraryError(
                "OpenSSL refused to sign with this key. Look whether the system's OpenSSL policy forbids its length.")
        }
        return signature
    }

    /// Whether this key made the signature of the message.
    package func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        crypto.clearErrors()
        defer { crypto.clearErrors() }
        let context = functions.newContext()
        defer { functions.freeContext(context) }
        guard functions.beginVerifying(context, nil, digest, nil, key) == 1 else { return false }
        return functions.verify(context, signature, signature.count, message, message.count) == 1
    }

    /// Ed25519 digests by itself and takes no other.
    private var digest: OpaquePointer? { kind == .rsa ? crypto.sha256() : nil }

    private static func encodedPublicKey(of key: OpaquePointer, by functions: SigningFunctions) -> [UInt8] {
        let size = Int(functions.encodePublicKey(key, nil))
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { room, count in
            var end = room.baseAddress
            count = Int(max(0, functions.encodePublicKey(key, &end)))
        }
    }

    private static func read(
        _ pem: UnsafeRawBufferPointer, _ passPhrase: PassPhrase, by crypto: CryptoFunctions
    ) throws(LibraryError) -> OpaquePointer {
        guard !pem.isEmpty, pem.count < Int32.max, let memory = crypto.newReadingBIO(pem.baseAddress, Int32(pem.count))
        else { throw unreadable(pem) }
        defer { _ = crypto.freeBIO(memory) }
        crypto.clearErrors()
        defer { crypto.clearErrors() }
        // Without a callback of ours libcrypto would ask on the terminal.
        let key = withExtendedLifetime(passPhrase) {
            crypto.readKey(memory, nil, PassPhrase.answer, Unmanaged.passUnretained(passPhrase).toOpaque())
        }
        if let key { return key }
        guard passPhrase.wasAsked else { throw unreadable(pem) }
        throw LibraryError(
            passPhrase.isGiven
                ? "The private key is encrypted, and the pass phrase given does not open it. Give the right one."
                : "The private key is encrypted. Give its pass phrase, or decrypt it with: openssl pkey -in key.pem")
    }

    private static func unreadable(_ pem: UnsafeRawBufferPointer) -> LibraryError {
        let text = String(decoding: pem, as: UTF8.self)
        if !text.contains("-----BEGIN ") {
            return LibraryError(
                "It is no PEM: a private key begins with a line like -----BEGIN PRIVATE KEY-----. Make one with: "
                    + "openssl genrsa 2048")
        }
        if !text.contains("PRIVATE KEY-----") {
            return LibraryError(
                "The PEM holds no private key, but a public key or a certificate. Give the private key's own PEM.")
        }
        return LibraryError(
            "The private key's PEM cannot be read: it is damaged, cut short or of an unknown kind. Restore it from a "
                + "copy, or make one with: openssl genrsa 2048")
    }
}

/// What answers libcrypto when it wants a pass phrase.
private final class PassPhrase {
    private var bytes: [UInt8]?
    private(set) var wasAsked = false

    init(_ text: String?) { bytes = text.map { Array($0.utf8) } }

    var isGiven: Bool { bytes != nil }

    /// Negative means that there is none.
    static let answer: CryptoFunctions.PassPhraseCallback = { room, size, _, asked in
        guard let asked, let room else { return -1 }
        let phrase = Unmanaged<PassPhrase>.fromOpaque(asked).takeUnretainedValue()
        phrase.wasAsked = true
        guard let bytes = phrase.bytes, bytes.count <= Int(size) else { return -1 }
        for (index, byte) in bytes.enumerated() { room[index] = CChar(bitPattern: byte) }
        return Int32(bytes.count)
    }
}

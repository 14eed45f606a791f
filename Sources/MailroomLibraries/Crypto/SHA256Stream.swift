/// A SHA-256 digest (FIPS 180-4) of bytes that come in pieces, by libcrypto, which uses the processor's own
/// instructions for it.
package struct SHA256Stream: ~Copyable {
    private let functions: SigningFunctions
    private let context: OpaquePointer
    private var isIntact: Bool

    /// A digest of nothing yet.
    package init() throws(LibraryError) {
        let functions = try SigningFunctions.load()
        let digest = try CryptoFunctions.load().sha256()
        guard let context = functions.newContext() else { throw Self.refused }
        self.functions = functions
        self.context = context
        isIntact = functions.beginDigest(context, digest, nil) == 1
    }

    deinit { functions.freeContext(context) }

    /// Takes the next piece.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        isIntact = functions.updateDigest(context, bytes.baseAddress, bytes.count) == 1 && isIntact
    }

    /// The 32 octets.
    package consuming func finish() throws(LibraryError) -> [UInt8] {
        var isWhole = isIntact
        let digest = [UInt8](unsafeUninitializedCapacity: 64) { room, count in
            isWhole = functions.endDigest(context, room.baseAddress, nil) == 1 && isWhole
            count = 32
        }
        guard isWhole else { throw Self.refused }
        return digest
    }

    private static var refused: LibraryError {
        LibraryError("OpenSSL could not compute a SHA-256 digest. Look at the system's OpenSSL configuration.")
    }
}

/// A SHA-256 digest (FIPS 180-4) of bytes that come in pieces, by libcrypto, which uses the processor's own
/// instructions for it.
package struct SHA256Stream: ~Copyable {
    private let library: CryptoLibrary
    private let context: OpaquePointer
    private var isIntact: Bool

    /// A digest of nothing yet.
    package init() throws(LibraryError) {
        let library = try CryptoLibrary.load()
        guard let context = library.newContext() else { throw Self.refused }
        self.library = library
        self.context = context
        isIntact = library.beginDigest(context, library.sha256(), nil) == 1
    }

    deinit { library.freeContext(context) }

    /// Takes the next piece.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        isIntact = library.updateDigest(context, bytes.baseAddress, bytes.count) == 1 && isIntact
    }

    /// The 32 octets.
    package consuming func finish() throws(LibraryError) -> [UInt8] {
        var isWhole = isIntact
        let digest = [UInt8](unsafeUninitializedCapacity: 64) { room, count in
            isWhole = library.endDigest(context, room.baseAddress, nil) == 1 && isWhole
            count = 32
        }
        guard isWhole else { throw Self.refused }
        return digest
    }

    private static var refused: LibraryError {
        LibraryError("OpenSSL could not compute a SHA-256 digest. Look at the system's OpenSSL configuration.")
    }
}

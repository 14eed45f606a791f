/// Certificates and keys in PEM, with the name of where they come from for errors.
struct PEM {
    let octets: [UInt8]
    /// A path, or words for octets that came from no file; never part of the content.
    let origin: String

    init(_ octets: [UInt8], origin: String) {
        self.octets = octets
        self.origin = origin
    }

    /// Reads a file, for `purpose` ("the trust file").
    init(file path: String, purpose: String) throws(LibraryError) {
        do throws(RegularFile.Problem) {
            self.init(try RegularFile.contents(of: path, limit: 16 << 20), origin: path)
        } catch {
            guard case .system(let number) = error else {
                throw LibraryError("Could not read \(purpose) \(path). It must be a file of PEM text.")
            }
            throw LibraryError(
                "Could not open \(purpose) \(path): \(RegularFile.Problem.text(of: number)). "
                    + "Check that the file is there and that this user may read it.")
        }
    }

    /// Gives each certificate in turn to `body`, which does not own it.
    func eachCertificate(
        _ crypto: CryptoFunctions, _ body: (OpaquePointer) throws(LibraryError) -> Void
    ) throws(LibraryError) {
        let reader = try reader(crypto)
        defer { _ = crypto.freeBIO(reader) }
        crypto.clearErrors()
        var count = 0
        while let certificate = crypto.readCertificate(reader, nil, Self.noPassPhrase, nil) {
            defer { crypto.freeCertificate(certificate) }
            count += 1
            try body(certificate)
        }
        let noStartLine = 108
        let isEnd = crypto.takeErrors().last.map {
            $0.library == CryptoFunctions.Library.pem && $0.reason == noStartLine
        }
        guard count > 0, isEnd == true else {
            throw LibraryError(
                "There is \(count > 0 ? "a damaged" : "no readable") certificate in \(origin). "
                    + "It must hold certificates as PEM, each from -----BEGIN CERTIFICATE----- on.")
        }
    }

    /// The first private key, which the caller frees.
    func privateKey(_ crypto: CryptoFunctions) throws(LibraryError) -> OpaquePointer {
        let reader = try reader(crypto)
        defer { _ = crypto.freeBIO(reader) }
        crypto.clearErrors()
        var wantsPassPhrase = false
        let key = withUnsafeMutablePointer(to: &wantsPassPhrase) { crypto.readKey(reader, nil, Self.noPassPhrase, $0) }
        crypto.clearErrors()
        if let key { return key }
        throw LibraryError(
            wantsPassPhrase
                ? "The private key in \(origin) is locked with a pass phrase. Give a file with the key unlocked "
                    + "(openssl pkey -in FILE -out UNLOCKED), readable for this user alone."
                : "There is no readable private key in \(origin). It must hold the key as PEM, "
                    + "from -----BEGIN PRIVATE KEY----- on.")
    }

    private func reader(_ crypto: CryptoFunctions) throws(LibraryError) -> OpaquePointer {
        // Refused here, so that the pointer below cannot be one to nothing.
        guard !octets.isEmpty else { throw LibraryError("\(origin) is empty. It must hold PEM text.") }
        guard let bio = crypto.newBIO(crypto.memoryMethod()) else { throw LibraryError("OpenSSL has no memory left.") }
        octets.withUnsafeBytes { _ = crypto.writeBIO(bio, $0.baseAddress, Int32($0.count)) }
        return bio
    }

    /// Refuses to give a pass phrase, so that OpenSSL does not ask at the terminal, and notes that one was wanted.
    private static let noPassPhrase: CryptoFunctions.PassPhraseCallback = { _, _, _, wanted in
        wanted?.assumingMemoryBound(to: Bool.self).pointee = true
        return -1
    }
}

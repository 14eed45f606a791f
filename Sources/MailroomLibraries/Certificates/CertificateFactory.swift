/// Makes certificates by libcrypto; what it allocates it frees.
struct CertificateFactory {
    private let crypto: CryptoFunctions
    private let functions: CertificateFunctions

    init() throws(LibraryError) {
        crypto = try CryptoFunctions.load()
        functions = try CertificateFunctions.load()
    }

    func make(
        _ request: SelfSignedCertificate.Request, signer: SelfSignedCertificate?
    ) throws(LibraryError) -> (certificate: [UInt8], key: [UInt8]) {
        crypto.clearErrors()
        let key = try makeKey(request.key)
        defer { crypto.freeKey(key) }
        let certificate = try require(functions.newCertificate())
        defer { crypto.freeCertificate(certificate) }

        try require(functions.setVersion(certificate, 2))
        try require(functions.setInteger(functions.serialNumber(certificate), .random(in: 1...UInt64.max >> 1)))
        _ = try require(functions.setTime(functions.notBefore(certificate), Int(request.notBefore)))
        _ = try require(functions.setTime(functions.notAfter(certificate), Int(request.notAfter)))
        try require(functions.setKey(certificate, key))
        let subject = Array(request.subject.utf8)
        try require(
            functions.addName(
                crypto.subject(certificate), "CN", CertificateFunctions.isUTF8, subject, Int32(subject.count), -1, 0))

        if let signer {
            let authority = try Authority(signer, crypto)
            try finish(certificate, request, issuer: authority.certificate, key: authority.key)
        } else {
            try finish(certificate, request, issuer: certificate, key: key)
        }
        return (
            try written { functions.writeCertificate($0, certificate) },
            try written { functions.writeKey($0, key, nil, nil, 0, nil, nil) }
        )
    }

    private func finish(
        _ certificate: OpaquePointer, _ request: SelfSignedCertificate.Request, issuer: OpaquePointer,
        key: OpaquePointer
    ) throws(LibraryError) {
        try require(functions.setIssuer(certificate, crypto.subject(issuer)))
        var extensions: [(Int32, String)] = [
            (CertificateFunctions.subjectKey, "hash"),
            (CertificateFunctions.authorityKey, "keyid:always"),
            (CertificateFunctions.basicConstraints, request.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE"),
            (
                CertificateFunctions.keyUsage,
                request.isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,keyEncipherment"
            ),
        ]
        if !request.isAuthority { extensions.append((CertificateFunctions.extendedKeyUsage, "serverAuth,clientAuth")) }
        if !request.names.isEmpty {
            extensions.append((CryptoFunctions.subjectAlternativeNames, try alternativeNames(request.names)))
        }
        for (number, value) in extensions { try add(number, value, to: certificate, issuer: issuer) }
        try require(functions.sign(certificate, key, crypto.sha256()))
    }

    private func add(
        _ number: Int32, _ value: String, to certificate: OpaquePointer, issuer: OpaquePointer
    ) throws(LibraryError) {
        // A C structure of 64 octets, which OpenSSL says may grow.
        let context = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
        context.initializeMemory(as: UInt8.self, repeating: 0)
        defer { context.deallocate() }
        functions.setExtensionContext(context.baseAddress, issuer, certificate, nil, nil, 0)
        let made = try require(functions.makeExtension(nil, context.baseAddress, number, value))
        defer { functions.freeExtension(made) }
        try require(functions.addExtension(certificate, made, -1))
    }

    /// OpenSSL's notation, in which commas and colons have a meaning.
    private func alternativeNames(_ names: [String]) throws(LibraryError) -> String {
        var parts: [String] = []
        for name in names {
            let isAddress = IPAddressText.isAddress(name)
            let isPlain = name.utf8.allSatisfy { octet in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) || "-_.*".utf8.contains(octet)
            }
            guard isAddress || (isPlain && !name.isEmpty) else {
                throw LibraryError("\"\(name)\" is no host name or address for a certificate.")
            }
            parts.append((isAddress ? "IP:" : "DNS:") + name)
        }
        return parts.joined(separator: ",")
    }

    private func makeKey(_ kind: SelfSignedCertificate.Key) throws(LibraryError) -> OpaquePointer {
        let context = try require(functions.newKeyContext(nil, kind == .p256 ? "EC" : "RSA", nil))
        defer { functions.freeKeyContext(context) }
        try require(functions.beginKey(context))
        if kind == .p256 { try require(functions.setGroup(context, "P-256")) }
        var key: OpaquePointer?
        try require(functions.makeKey(context, &key))
        return try require(key)
    }

    private func written(_ write: (OpaquePointer) -> Int32) throws(LibraryError) -> [UInt8] {
        let bio = try require(crypto.newBIO(crypto.memoryMethod()))
        defer { _ = crypto.freeBIO(bio) }
        try require(write(bio))
        let count = crypto.controlBIO(bio, CryptoFunctions.pending, 0, nil)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            written = max(0, Int(crypto.readBIO(bio, buffer.baseAddress, Int32(count))))
        }
    }

    private func require(_ result: Int32) throws(LibraryError) {
        guard result > 0 else { throw LibraryError("OpenSSL could not make a certificate: \(crypto.takeErrorText()).") }
    }

    private func require(_ pointer: OpaquePointer?) throws(LibraryError) -> OpaquePointer {
        guard let pointer else {
            throw LibraryError("OpenSSL could not make a certificate: \(crypto.takeErrorText()).")
        }
        return pointer
    }
}

/// The certificate and key that sign another.
private final class Authority {
    let certificate: OpaquePointer
    let key: OpaquePointer
    private let crypto: CryptoFunctions

    init(_ made: SelfSignedCertificate, _ crypto: CryptoFunctions) throws(LibraryError) {
        var found: OpaquePointer?
        try PEM(made.certificatePEM, origin: "the signing certificate").eachCertificate(crypto) {
            pointer throws(LibraryError) in
            guard crypto.keepCertificate(pointer) == 1 else { throw LibraryError("OpenSSL has no memory left.") }
            found = pointer
        }
        guard let found else { throw LibraryError("There is no certificate to sign with.") }
        certificate = found
        do throws(LibraryError) {
            key = try PEM(made.keyPEM, origin: "the signing key").privateKey(crypto)
        } catch {
            crypto.freeCertificate(found)
            throw error
        }
        self.crypto = crypto
    }

    deinit {
        crypto.freeKey(key)
        crypto.freeCertificate(certificate)
    }
}

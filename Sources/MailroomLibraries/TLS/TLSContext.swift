/// What many TLS sessions share: the certificates, and the sessions to take up again.
///
/// Made once for a configuration and kept, since it reads files and since only sessions of the same context are
/// resumed. Any thread may use it.
///
/// Unchecked, because OpenSSL counts references to its context under a lock of its own, and nothing here changes it once
/// it is made.
public final class TLSContext: @unchecked Sendable {
    let library: OpenSSL
    let pointer: OpaquePointer
    let sessions = TLSSessions()
    /// Whether its sessions are the server's side.
    public let isServer: Bool
    /// What a peer's certificate must be signed by, for errors; `nil` means the system's authorities.
    let trustFile: String?

    /// A client's context. Throws where OpenSSL is not installed or a file is not as it must be.
    public convenience init(_ configuration: TLSConfiguration = TLSConfiguration()) throws(LibraryError) {
        try self.init(
            isServer: false, verifiesPeer: configuration.verifiesPeer, trustFile: configuration.trustFile,
            latestVersion: configuration.latestVersion)
        if let trustFile = configuration.trustFile {
            try trust(PEM(file: trustFile, purpose: "the trust file"))
        } else if configuration.verifiesPeer, library.ssl.setDefaultTrust(pointer) != 1 {
            throw LibraryError(
                "Could not read the system's authorities: \(library.crypto.takeErrorText()). "
                    + "Install the package ca-certificates or give a trust file.")
        }
        if let certificateFile = configuration.certificateFile {
            try show(
                PEM(file: certificateFile, purpose: "the certificate file"),
                key: PEM(file: configuration.keyFile ?? certificateFile, purpose: "the key file"))
        } else if configuration.keyFile != nil {
            throw LibraryError("A key file is given without a certificate file. Give both, or none.")
        }
        _ = library.ssl.controlContext(
            pointer, SSLFunctions.Control.sessionCacheMode, SSLFunctions.externalClientCache, nil)
        library.ssl.setNewSession(pointer, TLSEngine.keepSession)
    }

    /// A server's context. Throws where OpenSSL is not installed or a file is not as it must be.
    public convenience init(server configuration: TLSServerConfiguration) throws(LibraryError) {
        try self.init(
            isServer: true, verifiesPeer: configuration.clientTrustFile != nil,
            trustFile: configuration.clientTrustFile, latestVersion: configuration.latestVersion)
        switch configuration.source {
        case .files(let certificate, let key):
            try show(
                PEM(file: certificate, purpose: "the certificate file"), key: PEM(file: key, purpose: "the key file"))
        case .pem(let octets):
            let pem = PEM(octets, origin: "the PEM text given")
            try show(pem, key: pem)
        }
        if let trustFile = configuration.clientTrustFile {
            try trust(PEM(file: trustFile, purpose: "the trust file"))
        }
        // Servers that ask for certificates must tell their sessions from those of others.
        let name = Array("mailroom".utf8)
        _ = library.ssl.setSessionContext(pointer, name, UInt32(name.count))
    }

    private init(
        isServer: Bool, verifiesPeer: Bool, trustFile: String?, latestVersion: TLSVersion
    ) throws(LibraryError) {
        library = try OpenSSL.load()
        let ssl = library.ssl
        library.crypto.clearErrors()
        guard let pointer = ssl.newContext(isServer ? ssl.serverMethod() : ssl.clientMethod()) else {
            throw LibraryError(
                "OpenSSL did not start: \(library.crypto.takeErrorText()). Check its configuration (openssl.cnf).")
        }
        self.pointer = pointer
        self.isServer = isServer
        self.trustFile = trustFile
        _ = ssl.controlContext(pointer, SSLFunctions.Control.lowestVersion, TLSVersion.v1_2.rawValue, nil)
        _ = ssl.controlContext(pointer, SSLFunctions.Control.highestVersion, latestVersion.rawValue, nil)
        _ = ssl.setOptions(pointer, SSLFunctions.noRenegotiation)
        let whenVerifying =
            SSLFunctions.Verify.peer | (isServer ? SSLFunctions.Verify.failWithoutCertificate : 0)
        ssl.setVerify(pointer, verifiesPeer ? whenVerifying : SSLFunctions.Verify.none, TLSEngine.noteProblem)
    }

    deinit { library.ssl.freeContext(pointer) }

    private func trust(_ pem: PEM) throws(LibraryError) {
        let (ssl, crypto) = (library.ssl, library.crypto)
        let store = ssl.store(pointer)
        _ = crypto.setStoreFlags(store, CryptoFunctions.partialChain)
        try pem.eachCertificate(crypto) { certificate throws(LibraryError) in
            let isTaken = crypto.addToStore(store, certificate) == 1
            guard isTaken, !isServer || ssl.addClientAuthority(pointer, certificate) == 1 else {
                throw LibraryError("A certificate of \(pem.origin) cannot be used: \(crypto.takeErrorText()).")
            }
        }
    }

    private func show(_ certificates: PEM, key: PEM) throws(LibraryError) {
        let (ssl, crypto) = (library.ssl, library.crypto)
        var isFirst = true
        try certificates.eachCertificate(crypto) { certificate throws(LibraryError) in
            let isTaken =
                isFirst
                ? ssl.useCertificate(pointer, certificate) == 1
                : ssl.controlContext(
                    pointer, SSLFunctions.Control.addedChainCertificate, 1, UnsafeMutableRawPointer(certificate)) == 1
            isFirst = false
            guard isTaken else {
                throw LibraryError("A certificate of \(certificates.origin) cannot be used: \(crypto.takeErrorText()).")
            }
        }
        let privateKey = try key.privateKey(crypto)
        defer { crypto.freeKey(privateKey) }
        let isTaken = ssl.useKey(pointer, privateKey) == 1 && ssl.checkKey(pointer) == 1
        crypto.clearErrors()
        guard isTaken else {
            throw LibraryError(
                "The key in \(key.origin) is not the one of the certificate in \(certificates.origin). "
                    + "Give the key that the certificate was made with.")
        }
    }
}

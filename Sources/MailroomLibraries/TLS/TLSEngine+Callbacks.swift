/// What OpenSSL calls while one of the engine's methods runs, on the same thread.
extension TLSEngine {
    /// Remembers why a certificate was refused, since OpenSSL drops the certificate.
    static let noteProblem: SSLFunctions.VerifyCallback = { isFine, verification in
        guard isFine != 1, let library = try? OpenSSL.load() else { return isFine }
        let crypto = library.crypto
        let session = crypto.verifyExtra(verification, library.ssl.verifyExtraIndex()).map { OpaquePointer($0) }
        guard let session, let engine = engine(of: session, library), engine.problem == nil else { return isFine }
        engine.problem = TLSCertificateProblem(
            code: Int(crypto.verifyError(verification)),
            certificate: crypto.verifiedCertificate(verification).map { TLSCertificate($0, crypto) },
            isOwn: crypto.verifyDepth(verification) == 0)
        return isFine
    }

    /// Keeps a session that the server offered; the reference is then ours.
    static let keepSession: SSLFunctions.NewSessionCallback = { session, offered in
        guard let session, let offered, let library = try? OpenSSL.load(), let engine = engine(of: session, library)
        else { return 0 }
        engine.context.sessions.keep(TLSSession(owning: offered, library.ssl), of: engine.server)
        return 1
    }

    /// The engine lives, since it frees the session.
    private static func engine(of session: OpaquePointer, _ library: OpenSSL) -> TLSEngine? {
        library.ssl.extra(session, 0).map { Unmanaged<TLSEngine>.fromOpaque($0).takeUnretainedValue() }
    }
}

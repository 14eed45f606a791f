extension TLSEngine {
    /// What was agreed; meaningful once the handshake is complete.
    public var facts: TLSFacts {
        let (ssl, crypto) = (context.library.ssl, context.library.crypto)
        let certificate = ssl.peerCertificate(session).map { pointer in
            defer { crypto.freeCertificate(pointer) }
            return TLSCertificate(pointer, crypto)
        }
        // A resumed session keeps the result, though the certificate is not looked at again.
        let result = ssl.verifyResult(session)
        let kept = result == 0 ? nil : TLSCertificateProblem(code: result, certificate: certificate, isOwn: true)
        return TLSFacts(
            protocolVersion: ssl.version(session).map { String(cString: $0) } ?? "?",
            cipher: ssl.cipherName(ssl.cipher(session)).map { String(cString: $0) } ?? "?",
            isResumed: ssl.isResumed(session) == 1,
            peerCertificate: certificate,
            acceptedProblem: (problem ?? kept).map { TLSFailure.reason($0, of: self) })
    }
}

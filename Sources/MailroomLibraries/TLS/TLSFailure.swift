/// Turns OpenSSL's reasons into sentences that tell a person what to do.
enum TLSFailure {
    /// The error for what failed in an engine.
    static func error(_ errors: [OpenSSLError], of engine: TLSEngine) -> TLSError {
        let error = errors.first { $0.library == CryptoFunctions.Library.ssl } ?? errors.first
        let peer = engine.peerName
        switch error?.reason ?? 0 {
        case 134:
            guard let problem = engine.problem else { break }
            let whose = engine.context.isServer ? "The client's certificate" : "The certificate of \(peer)"
            return TLSError(.certificateRefused, "\(whose) was refused: \(reason(problem, of: engine))")
        case 199:
            return TLSError(
                .certificateRefused, "The client showed no certificate, and this server serves only those it knows.")
        case 1116, 1041:
            return TLSError(
                .certificateRefused,
                "TLS with \(peer) failed: it asks for a certificate of this side. Give a certificate file and its key.")
        case 1042...1046, 1048:
            return TLSError(
                .certificateRefused,
                "TLS with \(peer) failed: it did not accept this side's certificate (\(error?.text ?? "")). "
                    + (engine.context.isServer
                        ? "Give the client the authority of this server's certificate as trust file, and call the "
                            + "server by a name of its certificate."
                        : "Give a certificate that it accepts."))
        case 258, 1070, 396, 166, 191, 252:
            return TLSError(
                .failed,
                "TLS with \(peer) failed: it does not speak TLS 1.2 or later. The other side must be brought up to date."
            )
        case 267, 198, 156, 155, 244:
            return TLSError(
                .failed,
                "TLS with \(peer) failed: what it says is not TLS (\(error?.text ?? "")). Check the port and whether TLS "
                    + "begins at once there or only after STARTTLS.")
        case 1040, 193, 410, 376:
            return TLSError(
                .failed,
                "TLS with \(peer) failed: no cipher or signature in common, or it asks for a certificate of this side "
                    + "(\(error?.text ?? "")). Compare the settings of both sides.")
        default: break
        }
        return TLSError(
            .failed,
            "TLS with \(peer) failed: \(error?.text ?? "the session broke off"). Connect anew; if that does "
                + "not help, try the same with `openssl s_client`.")
    }

    /// What is wrong with a certificate and what to do about it.
    static func reason(_ problem: TLSCertificateProblem, of engine: TLSEngine) -> String {
        let which = problem.isOwn ? "it" : "its authority's certificate (\(problem.certificate?.subject ?? "?"))"
        let certificate = problem.certificate
        switch problem.kind {
        case .expired:
            return "\(which) expired on \(certificate?.notAfterText ?? "?"). Its owner must renew it; "
                + "check this machine's clock, too."
        case .notYetValid:
            return "\(which) is valid only from \(certificate?.notBeforeText ?? "?") on. Check this machine's clock."
        case .selfSigned:
            return "it is signed by itself (\(certificate?.subject ?? "?")), and \(unknown(engine)). "
                + "If you trust it, give its file as trust file (ca in a URL)."
        case .unknownAuthority:
            let advice =
                engine.context.trustFile == nil
                ? "If it is a public authority, install the package ca-certificates; if you trust it otherwise, "
                : "If you trust the authority, "
            return "it is signed by an authority (\(certificate?.issuer ?? "?")), and \(unknown(engine)). "
                + "\(advice)give its file as trust file (ca in a URL)."
        case .otherName:
            let names = certificate?.names ?? []
            let shown = names.isEmpty ? "no host at all" : names.prefix(8).joined(separator: ", ")
            return "it is for \(shown)\(names.count > 8 ? " and others" : ""), not for \(engine.server.name). "
                + "Call the server by a name of its certificate, or have a certificate made for this one."
        case .other:
            let text = engine.context.library.crypto.verifyErrorText(problem.code).map { String(cString: $0) }
            return "\(which) is not acceptable: \(text ?? "reason \(problem.code)"). Its owner must replace it."
        }
    }

    private static func unknown(_ engine: TLSEngine) -> String {
        engine.context.trustFile.map { "the trust file \($0) does not hold it" } ?? "this machine does not know it"
    }
}

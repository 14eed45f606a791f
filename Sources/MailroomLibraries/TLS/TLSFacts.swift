/// What was agreed with the peer in the handshake.
public struct TLSFacts: Hashable, Sendable {
    /// The version, `TLSv1.2` or `TLSv1.3`.
    public let protocolVersion: String
    /// The cipher suite, such as `TLS_AES_256_GCM_SHA384`.
    public let cipher: String
    /// Whether an earlier session was taken up again, with fewer round trips and computations.
    public let isResumed: Bool
    /// The peer's own certificate; a server sees one only if it asks for it.
    public let peerCertificate: TLSCertificate?
    /// Why the certificate would have been refused, had the configuration not said to accept any.
    public let acceptedProblem: String?
}

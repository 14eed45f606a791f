/// Whom a client trusts and how it shows who it is. Always TLS 1.2 or later.
public struct TLSConfiguration: Hashable, Sendable {
    /// A file of PEM certificates to trust in place of the system's authorities: an authority's, or the server's own. Those
    /// of the system are where its OpenSSL looks (`SSL_CERT_FILE` and `SSL_CERT_DIR` say otherwise).
    public var trustFile: String?
    /// Whether the server's certificate must be trusted and for the name it was called by. Without this anybody on the
    /// way can read and change what is sent.
    public var verifiesPeer: Bool
    /// A PEM file with this side's certificate, first, and those that lead to its authority.
    public var certificateFile: String?
    /// A PEM file with the key to ``certificateFile``, not locked by a pass phrase; that file itself unless given.
    public var keyFile: String?
    /// The latest version to speak, for tests of older ones.
    package var latestVersion = TLSVersion.v1_3

    /// The system's authorities, names verified and no certificate of one's own, unless given.
    public init(
        trustFile: String? = nil, verifiesPeer: Bool = true, certificateFile: String? = nil, keyFile: String? = nil
    ) {
        self.trustFile = trustFile
        self.verifiesPeer = verifiesPeer
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// A version of TLS as the protocol numbers it.
package enum TLSVersion: Int, Hashable, Sendable {
    case v1_2 = 0x0303
    case v1_3 = 0x0304
}

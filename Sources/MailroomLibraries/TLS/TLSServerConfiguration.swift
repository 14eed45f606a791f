/// The certificate that a server shows, and whose clients it serves. Always TLS 1.2 or later.
public struct TLSServerConfiguration: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    enum Source: Hashable, Sendable {
        case files(certificate: String, key: String)
        case pem([UInt8])
    }

    let source: Source
    /// A file of PEM certificates: only clients that show a certificate signed by one of these, or one of these, are
    /// served. Any client is unless given.
    public var clientTrustFile: String?
    /// The latest version to speak, for tests of older ones.
    package var latestVersion = TLSVersion.v1_3

    /// A PEM file with the certificate, first, and those that lead to its authority, and one with the key, not locked
    /// by a pass phrase; the same file unless given.
    public init(certificateFile: String, keyFile: String? = nil, clientTrustFile: String? = nil) {
        source = .files(certificate: certificateFile, key: keyFile ?? certificateFile)
        self.clientTrustFile = clientTrustFile
    }

    /// The certificate, those that lead to its authority and the key as PEM text.
    public init(pem: [UInt8], clientTrustFile: String? = nil) {
        source = .pem(pem)
        self.clientTrustFile = clientTrustFile
    }

    /// The files' names; never what is in them.
    public var description: String {
        switch source {
        case .files(let certificate, _): "TLS server with the certificate of \(certificate)"
        case .pem: "TLS server with a certificate in memory"
        }
    }

    /// Shows no more than the description, so that the key is not printed.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

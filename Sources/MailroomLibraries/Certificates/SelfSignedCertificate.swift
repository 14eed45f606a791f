/// A key and a certificate made here, signed by itself or by another one made here.
package struct SelfSignedCertificate: Sendable, CustomStringConvertible, CustomReflectable {
    /// The kinds of key.
    package enum Key: Sendable {
        case p256
        case rsa2048
    }

    /// What to make.
    package struct Request: Sendable {
        /// Whose it is, as the common name.
        package var subject: String
        /// The host names and numeric addresses that it is for.
        package var names: [String]
        /// From when on it is valid, in seconds since 1970 (UTC).
        package var notBefore: Int64
        /// Until when it is valid, in seconds since 1970 (UTC).
        package var notAfter: Int64
        package var key: Key
        /// Whether it may sign others.
        package var isAuthority: Bool

        package init(
            subject: String, names: [String] = [], notBefore: Int64, notAfter: Int64, key: Key = .p256,
            isAuthority: Bool = false
        ) {
            self.subject = subject
            self.names = names
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.key = key
            self.isAuthority = isAuthority
        }
    }

    /// The certificate.
    package let certificatePEM: [UInt8]
    /// The key, not locked.
    package let keyPEM: [UInt8]
    private let subject: String

    /// Both, as a server takes them.
    package var pem: [UInt8] { certificatePEM + keyPEM }
    /// The subject; never the key.
    package var description: String { "certificate of \(subject)" }
    /// Shows no more than the description, so that the key is not printed.
    package var customMirror: Mirror { Mirror(self, children: ["subject": subject]) }

    /// Makes a key and a certificate, signed by `signer` or else by itself.
    package init(_ request: Request, signedBy signer: SelfSignedCertificate? = nil) throws(LibraryError) {
        let factory = try CertificateFactory()
        (certificatePEM, keyPEM) = try factory.make(request, signer: signer)
        subject = request.subject
    }
}

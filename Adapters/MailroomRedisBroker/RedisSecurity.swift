/// Whether connections are encrypted, and whom they trust.
///
/// TLS 1.2 at least, with the system's OpenSSL, which is loaded when the first connection needs it. Unless said
/// otherwise the server must show a certificate for the configured host name that an authority known to the system
/// signed.
public struct RedisSecurity: Hashable, Sendable {
    /// Whether connections are encrypted from the first octet on.
    let isEncrypted: Bool
    /// A PEM file with the authorities to trust in place of the system's; a self-signed certificate is its own.
    public var trustFile: String?
    /// Whether the server's certificate is checked. Without, jobs and password may go to anyone in encrypted form.
    public var verifiesCertificate = true
    /// A PEM file with the certificate that this side shows, and those that signed it.
    public var certificateFile: String?
    /// A PEM file with the key of ``certificateFile``, where it is not in the same file.
    public var keyFile: String?

    private init(isEncrypted: Bool) { self.isEncrypted = isEncrypted }

    /// TLS from the first octet on.
    public static let encrypted = RedisSecurity(isEncrypted: true)
    /// Never: everyone on the way can read and change the jobs. A password then crosses to this machine itself only.
    public static let unencrypted = RedisSecurity(isEncrypted: false)
}

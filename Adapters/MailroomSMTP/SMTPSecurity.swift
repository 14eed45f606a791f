/// Whether and how connections are encrypted, and whom they trust.
///
/// TLS 1.2 at least, with the system's OpenSSL, which is loaded when the first connection needs it. Unless said
/// otherwise the server must show a certificate for the configured host name that an authority known to the system
/// signed; a certificate that does not hold is never put up with by sending in plain text instead.
public struct SMTPSecurity: Hashable, Sendable {
    /// When a connection is encrypted.
    public enum Mode: String, Hashable, Sendable {
        /// From the first octet on (RFC 8314 §3), usual on port 465.
        case implicit
        /// By STARTTLS (RFC 3207). A server that does not offer it, or that takes it back, gets no mail.
        case required
        /// By STARTTLS where the server offers it, except on this machine itself, which nothing leaves. An attacker on
        /// the way can remove the offer: only ``required`` and ``implicit`` protect against that.
        case whenOffered
        /// Never: everyone on the way can read and change the mail.
        case unencrypted
    }

    /// When a connection is encrypted.
    public var mode: Mode
    /// A PEM file with the authorities to trust in place of the system's; a self-signed certificate is its own.
    public var trustFile: String?
    /// Whether the server's certificate is checked. Without, the mail may go to anyone in encrypted form.
    public var verifiesCertificate = true
    /// A PEM file with the certificate that this side shows, and those that signed it.
    public var certificateFile: String?
    /// A PEM file with the key of ``certificateFile``, where it is not in the same file.
    public var keyFile: String?

    private init(_ mode: Mode) { self.mode = mode }

    /// See ``Mode/implicit``.
    public static let implicit = SMTPSecurity(.implicit)
    /// See ``Mode/required``.
    public static let required = SMTPSecurity(.required)
    /// See ``Mode/whenOffered``.
    public static let whenOffered = SMTPSecurity(.whenOffered)
    /// See ``Mode/unencrypted``.
    public static let unencrypted = SMTPSecurity(.unencrypted)
}

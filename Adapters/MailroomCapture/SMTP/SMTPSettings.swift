/// What all SMTP connections of a server have in common.
struct SMTPSettings: Sendable {
    var hostname: String
    var limits = SMTPLimits()
    /// Where the certificate comes from; nil where STARTTLS is not offered.
    var encryption: SMTPEncryption?
    /// Whether MAIL is refused before TLS.
    var requiresTLS = false
    /// Whether MAIL is refused before AUTH.
    var requiresLogin = false
    /// How the server misbehaves.
    var rules = RuleBook()
}

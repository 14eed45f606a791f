/// What one signature says and is made with (RFC 6376).
///
/// ```swift
/// let signer = DKIMSigner(domain: "example.org", selector: "2026a", key: .file("/etc/mailroom/dkim.pem"))
/// let pipeline = try PipelineBuilder()
///     .broker(.file("queue"))
///     .transport(.smtp("mail.example.org").signed(by: signer))
///     .build()
/// ```
///
/// The algorithm is the key's own: `rsa-sha256`, or `ed25519-sha256` (RFC 8463). Publish the public key as the TXT
/// record `selector._domainkey.domain`; checking the transport's connection tells its text.
public struct DKIMSigner: Sendable {
    /// The domain that answers for the mail (tag `d`), in any script. For DMARC it is the domain of the mail's From,
    /// or one that it shares its organisation with; a mail from elsewhere is signed all the same.
    public var domain: String
    /// Which of the domain's keys this is (tag `s`): letters, digits and hyphens, perhaps several labels.
    public var selector: String
    /// The private key.
    public var key: DKIMKey
    /// On whose behalf, below the domain (tag `i`): `name@sub.example.org` or `@sub.example.org`. Left away unless set.
    public var identity: String?
    /// The fields that are signed where a mail has them, each as often as it has them. From is signed in any case.
    public var signedFields = Self.commonFields
    /// The fields that are signed once more than a mail has them, so that nobody can add another on the way
    /// (RFC 6376 §8.15), not even where there is none.
    public var oversignedFields = Self.guardedFields
    /// How much a relay may change.
    public var canonicalization = DKIMCanonicalization.relaxed
    /// How long the signature counts, in whole seconds from the time of submission (tag `x`); for ever unless set. Must
    /// be longer than a mail may wait in the queue and on its way: days.
    public var lifetime: Duration?

    /// A signature by one key.
    public init(domain: String, selector: String, key: DKIMKey) {
        self.domain = domain
        self.selector = selector
        self.key = key
    }

    /// What is signed unless said otherwise: what RFC 6376 §5.4.1 names as the core of a mail, and what RFC 8058 §4
    /// needs signed for unsubscribing by one click.
    public static let commonFields = [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Id", "List-Help", "List-Unsubscribe",
        "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
    ]

    /// What nobody can add unless said otherwise: what a reader is shown, and what decides how the body is read.
    public static let guardedFields = [
        "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]
}

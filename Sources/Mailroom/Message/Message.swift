public import MailroomMIME

/// What an app wants said, and to whom: the thing it submits.
///
/// Addresses and header values are plain text here and are checked when the message is submitted; a message that
/// cannot be sent is refused then, with the field named, and nothing is stored.
public struct Message: Sendable {
    /// The author, as `Name <address>` or an address alone. Mail needs one.
    public var from: String?
    /// Who sends it for the author, such as an office, as `Name <address>`: the Sender field (RFC 5322 §3.6.2).
    public var sender: String?
    /// Where bounces go (RFC 5321 §4.4). Unless said, the sender's address, or the author's where there is no sender.
    public var reversePath: ReversePath?
    /// Where answers go, each as `Name <address>`.
    public var replyTo: [String] = []
    /// Everyone the message goes to, by whatever channel. One job is made for each channel.
    public var recipients: [Recipient]
    /// The subject. Empty takes the one that the document's template gives.
    public var subject: String
    /// The plain text.
    public var text: String?
    /// The HTML form.
    public var html: String?
    /// A letter that the worker renders: its text, HTML and attachments join what is given here.
    public var document: Document?
    /// Files sent along. Their bytes are taken at submit and stored once for each content.
    public var attachments: [Attachment] = []
    /// The message this one answers (RFC 5322 §3.6.4), without angle brackets.
    public var inReplyTo: [String] = []
    /// The conversation so far, oldest first, without angle brackets.
    public var references: [String] = []
    /// How the recipients get off the list that the message goes to, by one click where it says so (RFC 8058).
    public var unsubscribe: ListUnsubscribe?
    /// Further header fields, in order. Those that other properties write are refused at submit.
    public var fields: [HeaderField] = []
    /// The Message-ID without angle brackets. Unless said, made of the job's id and the author's domain.
    public var messageID: String?
    /// Queue, countdown, expiry, idempotency key, tags.
    public var options = SubmitOptions()

    /// A message of text and HTML.
    public init(
        from: String? = nil, to recipients: [Recipient], subject: String = "", text: String? = nil,
        html: String? = nil, attachments: [Attachment] = []
    ) {
        self.from = from
        self.recipients = recipients
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
    }

    /// A letter rendered from a template in the worker.
    public init(from: String? = nil, to recipients: [Recipient], subject: String = "", document: Document) {
        self.init(from: from, to: recipients, subject: subject)
        self.document = document
    }
}

/// Where a mail's non-delivery notices go.
public enum ReversePath: Hashable, Sendable {
    /// `<>`: nobody wants a notice; required for notices themselves.
    case null
    /// An address, checked at submit.
    case address(String)
}

/// An Internet message to be written (RFC 5322, MIME: RFC 2045 to 2049).
///
/// Writing is a pure function: equal messages give equal bytes. The bytes are 7-bit whatever the content, so that they
/// need no extension of any server. There is no Bcc: blind recipients belong to the envelope only.
public struct InternetMessage: Hashable, Sendable {
    /// The authors; at least one.
    public var from: [Mailbox]
    /// Who sent it for them; required with more than one author.
    public var sender: Mailbox?
    /// Where answers go; the authors if empty.
    public var replyTo: [Mailbox]
    /// The primary recipients.
    public var to: [Mailbox]
    /// The others who receive it openly.
    public var cc: [Mailbox]
    /// The subject, as a person reads it.
    public var subject: String
    /// When it was written.
    public var date: MessageDate
    /// The globally unique name of the message, `left@right` without angle brackets.
    public var messageID: String
    /// The message IDs this one answers, without angle brackets.
    public var inReplyTo: [String]
    /// The message IDs of the thread, oldest first, without angle brackets.
    public var references: [String]
    /// How to get off the list that the message goes to; `nil` for none.
    public var unsubscribe: ListUnsubscribe?
    /// Further fields. Those that the message writes itself (From, Content-Type …) and Bcc are left out.
    public var fields: [HeaderField]
    /// The text for readers that show no HTML. Line endings of any kind are written as CRLF.
    public var text: String?
    /// The text as HTML.
    public var html: String?
    /// What the HTML shows by `cid:`.
    public var inline: [MIMEPart]
    /// What is attached.
    public var attachments: [MIMEPart]

    /// Makes a message; ``problems()`` says what of it cannot be written.
    public init(
        from: [Mailbox], sender: Mailbox? = nil, replyTo: [Mailbox] = [], to: [Mailbox] = [], cc: [Mailbox] = [],
        subject: String, date: MessageDate, messageID: String, inReplyTo: [String] = [], references: [String] = [],
        unsubscribe: ListUnsubscribe? = nil, fields: [HeaderField] = [], text: String? = nil, html: String? = nil,
        inline: [MIMEPart] = [],
        attachments: [MIMEPart] = []
    ) {
        self.from = from
        self.sender = sender
        self.replyTo = replyTo
        self.to = to
        self.cc = cc
        self.subject = subject
        self.date = date
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
        self.unsubscribe = unsubscribe
        self.fields = fields
        self.text = text
        self.html = html
        self.inline = inline
        self.attachments = attachments
    }

    /// The message as bytes: CRLF line endings, every octet below 128, no line longer than 998 octets.
    ///
    /// Whatever ``problems()`` lists is made harmless: a control becomes a blank, an address without ASCII form is
    /// shown as an empty group (RFC 6857 §3.1.8), a field that may not be set is left out.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        write(into: &output)
        return output
    }

    /// Appends the bytes of ``encoded()``, having reserved their room once.
    public func write(into output: inout [UInt8]) {
        let layout = MessageLayout(self)
        var writer = ByteWriter()
        swap(&output, &writer.bytes)
        writer.reserve(layout.estimatedSize)
        writer.write(self, layout)
        swap(&output, &writer.bytes)
    }
}

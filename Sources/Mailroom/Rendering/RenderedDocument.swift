public import MailroomMIME

/// What a renderer made of a document.
public struct RenderedDocument: Sendable {
    /// The template's subject with its values.
    public var subject: String?
    /// The plain text.
    public var text: String?
    /// The HTML form.
    public var html: String?
    /// Files to send along: the letter as PDF.
    public var attachments: [MIMEPart]

    /// A rendered document.
    public init(
        subject: String? = nil, text: String? = nil, html: String? = nil, attachments: [MIMEPart] = []
    ) {
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
    }
}

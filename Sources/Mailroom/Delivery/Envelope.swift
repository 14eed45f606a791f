public import MailroomMIME

/// Who a mail is from and goes to, as the next hop is told (RFC 5321 §2.3.1), whatever its header says.
public struct Envelope: Sendable {
    /// Where non-delivery notices go; `nil` is `<>`.
    public var reversePath: EmailAddress?
    /// The recipients still owed this mail. For ``Channel/email`` each address is a checked addr-spec.
    public var recipients: [Recipient]

    /// An envelope.
    public init(reversePath: EmailAddress?, recipients: [Recipient]) {
        self.reversePath = reversePath
        self.recipients = recipients
    }
}

import Mailroom

extension SMTPClientSession.Refusal {
    /// The class digit decides: 4 for now, 5 for good (RFC 5321 §4.2.1).
    init(_ reply: SMTPReply, in parser: SMTPReplyParser) {
        status = reply.code / 100 == 4 ? .refusedForNow : .refused
        self.reply = parser.reply(reply)
    }

    /// As for any reply, but 552 to RCPT means too many recipients for one mail, which a later mail has room for
    /// (RFC 5321 §4.5.3.1.10), unless an enhanced status says otherwise.
    init(toRecipient reply: SMTPReply, in parser: SMTPReplyParser) {
        let words = parser.reply(reply)
        let isCrowded = reply.code == 552 && (words.enhancedStatus ?? "5.5.3") == "5.5.3"
        status = reply.code / 100 == 4 || isCrowded ? .refusedForNow : .refused
        self.reply = words
    }

    private init(enhancedStatus: String, _ text: String) {
        status = .refused
        reply = Reply(code: 0, enhancedStatus: enhancedStatus, text: text)
    }

    /// Never sent, since no server could read it (RFC 3463 §3.2).
    static let badAddress = Self(
        enhancedStatus: "5.1.3", "This is no e-mail address, so it was not sent. Correct it.")
    /// Never sent, since the server could not read it (RFC 6531 §3.5).
    static let needsSMTPUTF8 = Self(
        enhancedStatus: "5.6.7",
        "The address needs SMTPUTF8, which the server does not offer. Use an ASCII address of theirs.")
}

extension InternetMessage {
    /// Everything that cannot be written as it stands, each with the field it concerns; empty when all is well.
    public func problems() -> [HeaderError] {
        var found: [HeaderError] = []
        func note(_ field: String, _ reason: String?) {
            if let reason { found.append(HeaderError(field: field, reason: reason)) }
        }
        if from.isEmpty { note("From", "a message has an author; set one.") }
        if from.count > 1, sender == nil { note("Sender", "a message of several authors names who sent it; set it.") }
        for (field, list) in [
            ("From", from), ("Sender", sender.map { [$0] } ?? []), ("Reply-To", replyTo), ("To", to), ("Cc", cc),
        ] {
            for mailbox in list {
                note(field, mailbox.problem.map { "the name of \(mailbox.address): \($0.reason)" })
                // Those who receive it are shown by an empty group (RFC 6857 §3.1.1); whoever answers needs an address.
                if mailbox.address.hasInternationalLocalPart, field != "To", field != "Cc" {
                    note(field, "\(mailbox.address) is not ASCII before the @; use an address that is.")
                }
            }
        }
        note("Subject", HeaderField.problem(inValue: subject))
        if !date.isWritable { note("Date", "years from 1900 to 9999 and offsets below a day can be written.") }
        note("Message-ID", Self.problem(inID: messageID))
        for id in inReplyTo { note("In-Reply-To", Self.problem(inID: id)) }
        for id in references { note("References", Self.problem(inID: id)) }
        for field in fields where writesItself(field.name) {
            note(field.name, "this field cannot be set; use the property of the message, or the envelope for Bcc.")
        }
        for part in inline + attachments {
            note("file name", part.fileName.flatMap(HeaderField.problem(inValue:)))
            note("Content-ID", part.contentID.flatMap(Self.problem(inID:)))
            if part.mediaType.type == "multipart" {
                note("Content-Type", "a part cannot be a multipart; attach it as application/octet-stream.")
            }
        }
        return found
    }

    /// Message IDs have printable ASCII without blanks and angle brackets (msg-id, RFC 5322 §3.6.4).
    package static func problem(inID id: String) -> String? {
        guard !id.isEmpty else { return "it is empty; write something like 1234@example.org." }
        guard id.utf8.count <= ByteWriter.longestID else { return "it is longer than 900 characters; shorten it." }
        let valid = id.utf8.allSatisfy(ByteWriter.isAllowedInID)
        return valid ? nil : "it may have printable ASCII only, and no blanks, < or >; write it without brackets."
    }

    /// Whether the field is one that this message writes itself or that never appears.
    func writesItself(_ name: String) -> Bool {
        Self.isReserved(name) || unsubscribe != nil && Self.isAboutUnsubscribing(name)
    }

    /// Whether ``unsubscribe`` writes the field.
    package static func isAboutUnsubscribing(_ name: String) -> Bool {
        let lower = ASCII.lowercased(name)
        return lower == "list-unsubscribe" || lower == "list-unsubscribe-post"
    }

    /// Whether every message writes the field itself, or none does: Return-Path is the last server's (RFC 5321 §4.4).
    package static func isReserved(_ name: String) -> Bool {
        let lower = ASCII.lowercased(name)
        if lower.utf8.starts(with: "content-".utf8) { return true }
        switch lower {
        case "from", "sender", "reply-to", "to", "cc", "bcc", "resent-bcc", "subject", "date", "message-id",
            "in-reply-to", "references", "return-path", "mime-version":
            return true
        default:
            return false
        }
    }
}

import Mailroom
import MailroomMIME

/// An address as it stands between `<` and `>`: never with a line break, a control or NUL in it.
struct SMTPPath {
    let bytes: [UInt8]
    /// Whether the local part is beyond ASCII. A domain never is: it is sent as A-labels, which every server can carry.
    let needsSMTPUTF8: Bool

    /// `nil` where the address cannot stand in a command line.
    init?(_ address: EmailAddress) {
        needsSMTPUTF8 = address.hasInternationalLocalPart
        var bytes = Array(address.localPart.utf8)
        bytes.append(UInt8(ascii: "@"))
        bytes.append(contentsOf: address.asciiDomain.utf8)
        guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
        self.bytes = bytes
    }

    init?(_ text: String) {
        guard let address = try? EmailAddress(text) else { return nil }
        self.init(address)
    }
}

/// An envelope made ready for commands.
struct SMTPEnvelope {
    /// `nil` is `<>`.
    let reversePath: SMTPPath?
    /// In the order of the mail's recipients; `nil` where the text is no address.
    let recipients: [SMTPPath?]

    init(reversePath: SMTPPath?, recipients: [SMTPPath?]) {
        self.reversePath = reversePath
        self.recipients = recipients
    }

    init(_ envelope: Envelope) throws(TransportError) {
        if let address = envelope.reversePath {
            guard let path = SMTPPath(address) else {
                throw TransportError(
                    .unsupported, "The sender's address cannot be written in SMTP. Use another.", isTransient: false)
            }
            reversePath = path
        } else {
            reversePath = nil
        }
        recipients = envelope.recipients.map { $0.channel == .email ? SMTPPath($0.address) : nil }
    }
}

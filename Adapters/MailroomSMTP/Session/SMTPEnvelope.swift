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

extension SMTPPath {
    /// The address as ORCPT has it: its type, and what is not plain in xtext (RFC 3461 §4) or, with characters beyond
    /// ASCII, as they are (`utf-8-addr-unitext`, RFC 6533 §3).
    var originalRecipient: [UInt8] {
        var text = Array((needsSMTPUTF8 ? "utf-8;" : "rfc822;").utf8)
        for byte in bytes {
            if (33...126).contains(byte), byte != UInt8(ascii: "+"), byte != UInt8(ascii: "="), byte != 92 {
                text.append(byte)
            } else if needsSMTPUTF8, byte > 127 {
                text.append(byte)
            } else if needsSMTPUTF8 {
                text.append(contentsOf: "\\x{\(Self.hexadecimal(byte))}".utf8)
            } else {
                text.append(contentsOf: "+\(Self.hexadecimal(byte))".utf8)
            }
        }
        return text
    }

    /// The two digits of an octet, in capitals.
    static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0\(digits)" : digits
    }
}

/// An envelope made ready for commands.
struct SMTPEnvelope {
    /// `nil` is `<>`.
    let reversePath: SMTPPath?
    /// In the order of the mail's recipients; `nil` where the text is no address.
    let recipients: [SMTPPath?]
    /// What delivery status notifications are to call the mail; printable ASCII.
    let identifier: String

    init(reversePath: SMTPPath?, recipients: [SMTPPath?], identifier: String = "") {
        self.reversePath = reversePath
        self.recipients = recipients
        self.identifier = identifier
    }

    init(_ envelope: Envelope, identifier: String) throws(TransportError) {
        self.identifier = identifier
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

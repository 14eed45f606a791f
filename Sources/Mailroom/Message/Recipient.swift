/// Someone a message goes to, by one channel.
public struct Recipient: Hashable, Sendable {
    /// Where a recipient of mail is named in the header.
    public enum Role: UInt8, Sendable {
        /// Named in `To`.
        case to
        /// Named in `Cc`.
        case cc
        /// Only in the envelope: no header names them.
        case bcc
    }

    /// The channel that reaches them.
    public var channel: Channel
    /// The address in the channel's own form: for mail an addr-spec, checked when the message is submitted.
    public var address: String
    /// The name shown beside the address.
    public var name: String?
    /// Where mail names them; other channels ignore it.
    public var role: Role

    /// A recipient of any channel.
    public init(channel: Channel, address: String, name: String? = nil, role: Role = .to) {
        self.channel = channel
        self.address = address
        self.name = name
        self.role = role
    }

    /// A recipient of mail, named in `To`.
    public static func to(_ address: String, name: String? = nil) -> Recipient {
        Recipient(channel: .email, address: address, name: name)
    }

    /// A recipient of mail, named in `Cc`.
    public static func cc(_ address: String, name: String? = nil) -> Recipient {
        Recipient(channel: .email, address: address, name: name, role: .cc)
    }

    /// A recipient of mail whom no header names.
    public static func bcc(_ address: String) -> Recipient {
        Recipient(channel: .email, address: address, role: .bcc)
    }
}

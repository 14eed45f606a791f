/// Where a captured mail is to be released to: what a transport is to be made for. Its description shows no password.
public struct ReleaseTarget: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// How to log in.
    public enum Mechanism: String, Sendable, Hashable {
        /// User and password in one message.
        case plain = "PLAIN"
        /// A keyed digest of the server's challenge.
        case cramMD5 = "CRAM-MD5"
    }

    /// Who logs in.
    public struct Login: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        /// The user's name; may be empty.
        public let user: String
        /// The password; may be empty.
        public let password: String
        /// How to log in.
        public let mechanism: Mechanism

        /// The user; never the password.
        public var description: String { user }
        /// Shows no more than the description.
        public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
    }

    /// The server's name or address.
    public let host: String
    /// The server's port.
    public let port: Int
    /// Who logs in; nil does not.
    public let login: Login?
    /// The envelope's sender, `nobody` at the capture server's name.
    public let sender: String
    /// The envelope's only recipient.
    public let recipient: String
    /// What to say in EHLO.
    public let helloName: String

    /// The server and the recipient.
    public var description: String { "\(recipient) by \(host):\(port)" }
    /// The server and the recipient.
    public var debugDescription: String { description }
    /// The server and the recipient.
    public var customMirror: Mirror { Mirror(self, children: ["recipient": recipient, "host": host, "port": port]) }
}

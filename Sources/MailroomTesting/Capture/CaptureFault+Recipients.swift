public import Mailroom

extension CaptureFault {
    /// Which recipients of a mail a fault concerns.
    public struct Recipients: Sendable {
        let includes: @Sendable (_ number: Int, _ recipient: Recipient) -> Bool

        /// All of them.
        public static var everyone: Recipients { Recipients { _, _ in true } }

        /// One by its place in the envelope, counted from 1. The envelope has only those who are still owed the mail.
        public static func number(_ number: Int) -> Recipients { Recipients { place, _ in place == number } }

        /// Those at an address, letter case aside.
        public static func address(_ address: String) -> Recipients { Recipients { $1.hasAddress(address) } }

        /// Those whose address ends with `@` and this domain, letter case aside.
        public static func domain(_ domain: String) -> Recipients {
            Recipients { _, recipient in
                guard let at = recipient.address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
                let own = recipient.address[recipient.address.index(after: at)...]
                return own.lowercased() == domain.lowercased()
            }
        }

        /// Those that a closure chooses.
        public static func matching(_ isChosen: @escaping @Sendable (Recipient) -> Bool) -> Recipients {
            Recipients { isChosen($1) }
        }
    }
}

import Synchronization

extension MessageStore {
    /// A mail in the store.
    final class Entry: Sendable {
        /// Rises with each mail and is never used again.
        let number: Int
        let message: CapturedMessage
        private let read: Atomic<Bool>
        private let found = Mutex<MessageDigest?>(nil)

        init(number: Int, message: CapturedMessage, isRead: Bool = false) {
            self.number = number
            self.message = message
            read = Atomic(isRead)
        }

        /// Whether somebody has looked at it.
        var isRead: Bool { read.load(ordering: .relaxed) }

        /// Answers whether it was unread.
        func markAsRead() -> Bool { !read.exchange(true, ordering: .relaxed) }

        /// What lists show and searches look through: read from the octets at the first asking, then remembered.
        var digest: MessageDigest {
            found.withLock { found in
                if let found { return found }
                let digest = MessageDigest(of: message)
                found = digest
                return digest
            }
        }

        /// Whether ``digest`` is there already.
        var isIndexed: Bool { found.withLock { $0 != nil } }

        /// What the mail costs in memory at most: its octets unless they are on the disk, its envelope, what a list shows
        /// and a search looks through, and what holds them together.
        var memoryCost: Int {
            let (octets, strings) = Self.measure(message.envelope)
            // Text in Latin letters may need twice as many octets in UTF-8.
            let digest = min(2 * (message.size + octets), MessageDigest.maximumCost)
            return Self.base + message.content.memoryCount + octets + strings * Self.stringCost + digest
        }

        /// The objects that a mail is made of, and what names it.
        private static let base = 768
        /// A string's place in a list and the object that holds its octets.
        private static let stringCost = 48

        private static func measure(_ envelope: CapturedMessage.Envelope) -> (octets: Int, strings: Int) {
            var octets = envelope.helo.utf8.count + envelope.remoteAddress.utf8.count
            octets += (envelope.reversePath ?? "").utf8.count + (envelope.userName ?? "").utf8.count
            var strings = 0
            for list in [envelope.recipients, envelope.senderParameters] + envelope.recipientParameters {
                // A list is an object as well.
                strings += list.count + (list.isEmpty ? 0 : 1)
                for string in list { octets += string.utf8.count }
            }
            return (octets, strings)
        }
    }
}

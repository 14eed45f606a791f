extension MessageStore {
    /// What of the store is changed under its lock.
    struct State {
        /// By rising number; those before `first` have been dropped.
        private var entries: [Entry] = []
        private var first = 0
        private var numbers: [String: Int] = [:]
        private(set) var memoryBytes = 0
        private(set) var diskBytes = 0
        var nextNumber = 1
        var nextToken = 0
        var listeners: [Int: @Sendable (Change) -> Void] = [:]
        /// Who waits for mails.
        var waiting: [Int: ArrivingMails] = [:]
        /// Files of Mailroom's own whose mails are not listed: dropped when they were read, or impossible to remove.
        var unlisted: [MaildirEntry] = []

        /// Stands where a mail was dropped, so that nothing keeps it.
        private static let dropped = Entry(
            number: 0,
            message: CapturedMessage(
                id: "", receivedAt: .zero,
                envelope: .init(helo: "", remoteAddress: "", reversePath: nil, recipients: []), content: MailContent([])
            ))

        /// Oldest first.
        var live: ArraySlice<Entry> { entries[first...] }

        subscript(id: String) -> Entry? { index(of: id).map { entries[$0] } }

        private func index(of id: String) -> Int? {
            guard let number = numbers[id] else { return nil }
            var low = first
            var high = entries.count
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].number < number { low = middle + 1 } else { high = middle }
            }
            return low < entries.count && entries[low].number == number ? low : nil
        }

        /// Adds a mail with the next number.
        mutating func append(_ message: CapturedMessage, isRead: Bool = false) -> Entry {
            let entry = Entry(number: nextNumber, message: message, isRead: isRead)
            nextNumber += 1
            numbers[message.id] = entry.number
            entries.append(entry)
            memoryBytes += entry.memoryCost
            diskBytes += message.content.diskCount
            return entry
        }

        /// Answers whether the mail was there.
        mutating func remove(_ entry: Entry) -> Bool {
            guard let index = index(of: entry.message.id), entries[index] === entry else { return false }
            entries.remove(at: index)
            forget(entry)
            return true
        }

        /// Takes out every mail up to a number but those.
        mutating func removeAll(through last: Int, but kept: Set<Int>) {
            var left: [Entry] = []
            for entry in live {
                if entry.number > last || kept.contains(entry.number) { left.append(entry) } else { forget(entry) }
            }
            (entries, first) = (left, 0)
        }

        private mutating func forget(_ entry: Entry) {
            numbers[entry.message.id] = nil
            memoryBytes -= entry.memoryCost
            diskBytes -= entry.message.content.diskCount
        }

        /// Takes out the oldest beyond the limits, but never the last one.
        /// - Parameter room: what mails hold that are being received.
        mutating func trim(to limits: Limits, beside room: ReceivingRoom) -> [Entry] {
            var dropped: [Entry] = []
            let (memory, disk) = (limits.memoryBytes - room.memory, limits.diskBytes - room.disk)
            while live.count > limits.count || (memoryBytes > memory || diskBytes > disk) && live.count > 1 {
                dropped.append(entries[first])
                forget(entries[first])
                entries[first] = Self.dropped
                first += 1
            }
            if first > 1024, first > entries.count / 2 {
                entries.removeFirst(first)
                first = 0
            }
            return dropped
        }
    }
}

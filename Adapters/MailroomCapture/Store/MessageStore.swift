import MailroomFiles
import Synchronization

/// The captured mails, oldest dropped first beyond a number or a sum of octets. Any thread may use it.
final class MessageStore: Sendable {
    /// How much is kept, and where.
    struct Limits: Sendable {
        /// Beyond so many mails the oldest are dropped.
        var count = 10_000
        /// Beyond so many octets in memory the oldest are dropped.
        var memoryBytes = 256 << 20
        /// Beyond so many octets on the disk the oldest are dropped.
        var diskBytes = 4 << 30
        /// A larger mail is kept on the disk.
        var spillThreshold = 256 << 10
        /// Where large mails are kept.
        var spillFolder = temporaryFolder
    }

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
        fileprivate func markAsRead() -> Bool { !read.exchange(true, ordering: .relaxed) }

        /// What lists show and searches look through: read from the octets at the first asking, then remembered.
        var digest: MessageDigest {
            found.withLock { found in
                if let found { return found }
                let digest = MessageDigest(of: message)
                found = digest
                return digest
            }
        }
    }

    /// What has changed, for whoever listens.
    enum Change: Sendable {
        case added(CapturedMessage)
        case removed
        case read
    }

    private struct State {
        /// By rising number; those before `first` have been dropped.
        var entries: [Entry] = []
        var first = 0
        var numbers: [String: Int] = [:]
        var memoryBytes = 0
        var diskBytes = 0
        var nextNumber = 1
        var listeners: [Int: @Sendable (Change) -> Void] = [:]
        var waiters = MessageWaiters()
        var nextToken = 0

        var live: ArraySlice<Entry> { entries[first...] }

        func index(of id: String) -> Int? {
            guard let number = numbers[id] else { return nil }
            var low = first
            var high = entries.count
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].number < number { low = middle + 1 } else { high = middle }
            }
            return low < entries.count && entries[low].number == number ? low : nil
        }

        mutating func append(_ entry: Entry) {
            numbers[entry.message.id] = entry.number
            entries.append(entry)
            memoryBytes += MessageStore.memoryCost(of: entry.message.content)
            diskBytes += entry.message.content.diskCount
        }

        mutating func forget(_ entry: Entry) {
            numbers[entry.message.id] = nil
            memoryBytes -= MessageStore.memoryCost(of: entry.message.content)
            diskBytes -= entry.message.content.diskCount
        }

        /// Takes out the oldest beyond the limits, but never the last one.
        mutating func trim(to limits: Limits) -> [Entry] {
            var dropped: [Entry] = []
            while live.count > limits.count
                || (memoryBytes > limits.memoryBytes || diskBytes > limits.diskBytes) && live.count > 1
            {
                dropped.append(entries[first])
                forget(entries[first])
                first += 1
            }
            if first > 1024, first > entries.count / 2 {
                entries.removeFirst(first)
                first = 0
            }
            return dropped
        }
    }

    /// What a mail costs in memory at most: its octets unless they are on the disk, its digest, and what names it.
    private static func memoryCost(of content: MailContent) -> Int {
        content.memoryCount + min(content.count, MessageDigest.textLimit) + 1024
    }

    private let limits: Limits
    private let spill: SpillFile
    private let maildir = Mutex<Maildir?>(nil)
    private let indexing = Indexing()
    private let state = Mutex(State())

    init(limits: Limits = Limits(), disk: Disk = .real) {
        var limits = limits
        limits.count = max(1, limits.count)
        self.limits = limits
        spill = SpillFile(in: limits.spillFolder, disk: disk)
    }

    /// Keeps mails in a Maildir from now on and takes over those that are there.
    func open(_ maildir: Maildir) throws(FileError) {
        let found = try maildir.load()
        self.maildir.withLock { $0 = maildir }
        state.withLock { state in
            for (message, isRead) in found where state.numbers[message.id] == nil {
                state.append(Entry(number: state.nextNumber, message: message, isRead: isRead))
                state.nextNumber += 1
            }
            // What is too much stays in the folder, for it may not be ours to remove.
            _ = state.trim(to: limits)
        }
    }

    // MARK: Reading

    var count: Int { state.withLock { $0.live.count } }
    var memoryBytes: Int { state.withLock { $0.memoryBytes } }
    var diskBytes: Int { state.withLock { $0.diskBytes } }
    var unreadCount: Int { entries.reduce(0) { $0 + ($1.isRead ? 0 : 1) } }

    /// All mails, oldest first.
    var entries: [Entry] { state.withLock { Array($0.live) } }

    /// Some of the mails, newest first.
    func newest(from start: Int, limit: Int) -> (entries: [Entry], total: Int) {
        state.withLock { state in
            let live = state.live
            guard start < live.count else { return ([], live.count) }
            let end = live.endIndex - start
            return (Array(live[max(live.startIndex, end - limit)..<end].reversed()), live.count)
        }
    }

    subscript(id: String) -> Entry? {
        state.withLock { state in state.index(of: id).map { state.entries[$0] } }
    }

    /// The mails that a query finds, newest first.
    func found(_ query: SearchQuery) -> [Entry] { entries.reversed().filter { query.matches($0) } }

    // MARK: Changing

    /// Where a mail's octets go as they arrive.
    func writer(expecting count: Int) -> ContentWriter {
        ContentWriter(spill: spill, threshold: limits.spillThreshold, expecting: count)
    }

    /// Keeps a mail; throws where the Maildir's disk does not take it.
    func add(_ message: CapturedMessage) throws(FileError) {
        var message = message
        if let maildir = maildir.withLock({ $0 }) { message = try maildir.keep(message) }
        let (entry, dropped, listeners, satisfied) = state.withLock { state in
            let entry = Entry(number: state.nextNumber, message: message)
            state.nextNumber += 1
            state.append(entry)
            let dropped = state.trim(to: limits)
            let satisfied = state.waiters.isEmpty ? [] : state.waiters.takeSatisfied(by: state.live)
            return (entry, dropped, Array(state.listeners.values), satisfied)
        }
        indexing.add(entry)
        // Room is made of Mailroom's own files only: others may keep theirs in the folder.
        for entry in dropped where entry.message.content.maildirEntry?.isOurs == true { discard(entry) }
        for listener in listeners { listener(.added(message)) }
        for resume in satisfied { resume() }
    }

    /// Notes that somebody has looked at a mail.
    func markAsRead(_ entry: Entry) {
        guard entry.markAsRead() else { return }
        try? entry.message.content.maildirEntry?.markAsRead()
        tell(.read)
    }

    /// Drops a mail.
    /// - Returns: whether there was one.
    func remove(_ id: String) -> Bool {
        let entry: Entry? = state.withLock { state in
            guard let index = state.index(of: id) else { return nil }
            let entry = state.entries.remove(at: index)
            state.forget(entry)
            return entry
        }
        guard let entry else { return false }
        discard(entry)
        tell(.removed)
        return true
    }

    func removeAll() {
        let entries = state.withLock { state in
            let entries = Array(state.live)
            for entry in entries { state.forget(entry) }
            state.entries = []
            state.first = 0
            return entries
        }
        for entry in entries { discard(entry) }
        tell(.removed)
    }

    private func discard(_ entry: Entry) { try? entry.message.content.maildirEntry?.remove() }

    // MARK: Listening

    /// Calls `body` after every change, on the thread that made it, until ``stopListening(_:)``.
    func listen(_ body: @escaping @Sendable (Change) -> Void) -> Int {
        state.withLock { state in
            state.nextToken += 1
            state.listeners[state.nextToken] = body
            return state.nextToken
        }
    }

    func stopListening(_ token: Int) { state.withLock { $0.listeners[token] = nil } }

    private func tell(_ change: Change) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener(change) }
    }

    /// Calls `resume` once: with what `wanted` finds among the mails, now or when more have come, or with nil when given
    /// up.
    func wait(
        for wanted: @escaping MessageWaiters.Wanted, resume: @escaping @Sendable ([CapturedMessage]?) -> Void
    ) -> Int {
        let (token, satisfied) = state.withLock { state in
            state.nextToken += 1
            state.waiters.add(state.nextToken, wanted, resume)
            return (state.nextToken, state.waiters.takeSatisfied(by: state.live))
        }
        for resume in satisfied { resume() }
        return token
    }

    func giveUp(_ token: Int) {
        state.withLock { $0.waiters.remove(token) }?(nil)
    }
}

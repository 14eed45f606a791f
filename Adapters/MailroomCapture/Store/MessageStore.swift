import MailroomFiles
import Synchronization

/// The captured mails, oldest dropped first beyond a number or a sum of octets. Any thread may use it.
final class MessageStore: Sendable {
    /// How much is kept, and where.
    struct Limits: Sendable {
        /// Beyond so many mails the oldest are dropped.
        var count = 10_000
        /// Beyond so many octets in memory the oldest are dropped. Mails that are being received may have a quarter of
        /// it, beyond which they go to the disk.
        var memoryBytes = 256 << 20
        /// Beyond so many octets on the disk, those of mails that are being received among them, the oldest are dropped,
        /// and where that is not enough mails that are being received fail.
        var diskBytes = 4 << 30
        /// A larger mail is kept on the disk.
        var spillThreshold = 256 << 10
        /// Where large mails are kept.
        var spillFolder = temporaryFolder

        /// What mails that are being received may hold together.
        fileprivate var room: ReceivingRoom {
            ReceivingRoom(memory: max(memoryBytes / 4, 4 << 20), disk: diskBytes)
        }
    }

    /// What has changed, for whoever listens.
    enum Change: Sendable {
        case added(CapturedMessage)
        case removed
        case read
    }

    private let limits: Limits
    private let spill: SpillFile
    /// What mails hold that are being received.
    let room: ReceivingRoom
    private let maildir = Mutex<Maildir?>(nil)
    private let indexing: Indexing
    private let state = Mutex(State())

    init(limits: Limits = Limits(), disk: Disk = .real, indexing: Indexing = Indexing()) {
        var limits = limits
        limits.count = max(1, limits.count)
        self.limits = limits
        self.indexing = indexing
        room = limits.room
        spill = SpillFile(in: limits.spillFolder, disk: disk)
    }

    /// Keeps mails in a Maildir from now on and takes over those that are there.
    func open(_ maildir: Maildir) throws(FileError) {
        let found = try maildir.load()
        self.maildir.withLock { $0 = maildir }
        let entries = state.withLock { state in
            for (message, isRead) in found where state[message.id] == nil {
                _ = state.append(message, isRead: isRead)
            }
            // What is too much stays in the folder until everything is deleted.
            for entry in state.trim(to: limits, beside: room) { state.noteUnlisted(entry) }
            return Array(state.live)
        }
        indexing.add(entries.reversed())
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

    subscript(id: String) -> Entry? { state.withLock { $0[id] } }

    /// The mails that a query finds, newest first.
    func found(_ query: SearchQuery) -> [Entry] { entries.reversed().filter { query.matches($0) } }

    // MARK: Changing

    /// Where a mail's octets go as they arrive.
    func writer(expecting count: Int) -> ContentWriter {
        ContentWriter(spill: spill, threshold: limits.spillThreshold, expecting: count, room: room) { self.makeRoom() }
    }

    /// Drops the oldest where mails that are being received have taken their room.
    private func makeRoom() {
        let dropped = state.withLock { $0.trim(to: limits, beside: room) }
        guard !dropped.isEmpty else { return }
        discard(dropped)
        tell(.removed)
    }

    /// Keeps a mail; throws where the Maildir's disk does not take it.
    func add(_ message: CapturedMessage) throws(FileError) {
        var message = message
        if let maildir = maildir.withLock({ $0 }) { message = try maildir.keep(message) }
        let (entry, dropped, listeners, waiting) = state.withLock { state in
            let entry = state.append(message)
            let dropped = state.trim(to: limits, beside: room)
            for arriving in state.waiting.values { arriving.put(CollectionOfOne(entry), of: state.live) }
            return (entry, dropped, Array(state.listeners.values), Array(state.waiting.values))
        }
        indexing.add(CollectionOfOne(entry))
        discard(dropped)
        for listener in listeners { listener(.added(message)) }
        for arriving in waiting { arriving.wake() }
    }

    /// Removes the files of mails that were dropped: Mailroom's own only, for others may keep theirs in the folder.
    private func discard(_ dropped: [Entry]) {
        for entry in dropped where !isRemoved(entry, onlyOurs: true) { state.withLock { $0.noteUnlisted(entry) } }
    }

    /// Removes a mail's file if it has one.
    /// - Returns: whether it is not, or no longer, there.
    private func isRemoved(_ entry: Entry, onlyOurs: Bool = false) -> Bool {
        guard let file = entry.message.content.maildirEntry, file.isOurs || !onlyOurs else { return true }
        return (try? file.remove()) != nil
    }

    /// Notes that somebody has looked at a mail.
    func markAsRead(_ entry: Entry) {
        guard entry.markAsRead() else { return }
        try? entry.message.content.maildirEntry?.markAsRead()
        tell(.read)
    }

    /// Drops a mail.
    /// - Returns: whether there was one, and its file could be removed; it stays otherwise.
    func remove(_ id: String) -> Bool {
        guard let entry = self[id], isRemoved(entry), state.withLock({ $0.remove(entry) }) else { return false }
        tell(.removed)
        return true
    }

    /// Drops all mails, and files of Mailroom's own whose mails are not listed.
    /// - Returns: whether every file could be removed; the mails of others stay.
    @discardableResult
    func removeAll() -> Bool {
        let (entries, unlisted) = state.withLock { state in
            defer { state.unlisted = [] }
            return (Array(state.live), state.unlisted)
        }
        let kept = Set(entries.filter { !isRemoved($0) }.map(\.number))
        let left = unlisted.filter { (try? $0.remove()) == nil }
        state.withLock { state in
            state.removeAll(through: entries.last?.number ?? 0, but: kept)
            state.unlisted += left
        }
        tell(.removed)
        return kept.isEmpty && left.isEmpty
    }

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

    /// Puts the mails that are there, and those that arrive, until ``stopWaiting(_:)``.
    func wait(_ arriving: ArrivingMails) -> Int {
        state.withLock { state in
            state.nextToken += 1
            state.waiting[state.nextToken] = arriving
            arriving.put(state.live, of: state.live)
            return state.nextToken
        }
    }

    func stopWaiting(_ token: Int) { state.withLock { $0.waiting[token] = nil } }
}

extension MessageStore.State {
    /// Remembers the file of a mail that is no longer listed, if it is Mailroom's own.
    fileprivate mutating func noteUnlisted(_ entry: MessageStore.Entry) {
        guard let file = entry.message.content.maildirEntry, file.isOurs else { return }
        unlisted.append(file)
    }
}

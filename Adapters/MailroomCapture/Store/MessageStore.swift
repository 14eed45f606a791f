import Synchronization

/// The captured mails in memory, oldest dropped first beyond a number or a sum of octets. Any thread may use it.
final class MessageStore: Sendable {
    struct Entry: Sendable {
        /// Rises with each mail and is never used again.
        let number: Int
        let message: CapturedMessage
    }

    /// What has changed, for whoever listens.
    enum Change: Sendable {
        case added(CapturedMessage)
        case removed
    }

    private struct Waiter {
        let count: Int
        let resume: @Sendable ([CapturedMessage]?) -> Void
    }

    private struct State {
        /// By rising number; those before `first` have been dropped.
        var entries: [Entry] = []
        var first = 0
        var numbers: [String: Int] = [:]
        var byteCount = 0
        var nextNumber = 1
        var summaries: [Int: MessageSummary] = [:]
        var listeners: [Int: @Sendable (Change) -> Void] = [:]
        var waiters: [Int: Waiter] = [:]
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

        mutating func forget(_ entry: Entry) {
            numbers[entry.message.id] = nil
            summaries[entry.number] = nil
            byteCount -= entry.message.bytes.count
        }
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = max(1, maximumCount)
        self.maximumBytes = maximumBytes
    }

    // MARK: Reading

    var count: Int { state.withLock { $0.live.count } }
    var byteCount: Int { state.withLock { $0.byteCount } }

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

    /// What a list shows of a mail: read from its octets at the first asking, then remembered.
    func summary(of entry: Entry) -> MessageSummary {
        if let known = state.withLock({ $0.summaries[entry.number] }) { return known }
        let summary = MessageSummary(of: entry.message)
        state.withLock { state in
            if state.numbers[entry.message.id] != nil { state.summaries[entry.number] = summary }
        }
        return summary
    }

    // MARK: Changing

    func add(_ message: CapturedMessage) {
        let (listeners, satisfied) = state.withLock { state in
            state.numbers[message.id] = state.nextNumber
            state.entries.append(Entry(number: state.nextNumber, message: message))
            state.nextNumber += 1
            state.byteCount += message.bytes.count
            while state.live.count > maximumCount || state.byteCount > maximumBytes && state.live.count > 1 {
                state.forget(state.entries[state.first])
                state.first += 1
            }
            if state.first > 1024, state.first > state.entries.count / 2 {
                state.entries.removeFirst(state.first)
                state.first = 0
            }
            return (Array(state.listeners.values), takeSatisfied(&state))
        }
        for listener in listeners { listener(.added(message)) }
        for resume in satisfied { resume() }
    }

    /// Drops a mail.
    /// - Returns: whether there was one.
    func remove(_ id: String) -> Bool {
        let listeners: [@Sendable (Change) -> Void]? = state.withLock { state in
            guard let index = state.index(of: id) else { return nil }
            state.forget(state.entries.remove(at: index))
            return Array(state.listeners.values)
        }
        for listener in listeners ?? [] { listener(.removed) }
        return listeners != nil
    }

    func removeAll() {
        let listeners = state.withLock { state in
            state.entries = []
            state.first = 0
            state.numbers = [:]
            state.summaries = [:]
            state.byteCount = 0
            return Array(state.listeners.values)
        }
        for listener in listeners { listener(.removed) }
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

    /// Calls `resume` once: with all mails as soon as there are `count`, or with nil when given up.
    func wait(for count: Int, resume: @escaping @Sendable ([CapturedMessage]?) -> Void) -> Int {
        let (token, satisfied) = state.withLock { state in
            state.nextToken += 1
            state.waiters[state.nextToken] = Waiter(count: count, resume: resume)
            return (state.nextToken, takeSatisfied(&state))
        }
        for resume in satisfied { resume() }
        return token
    }

    func giveUp(_ token: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: token) }
        waiter?.resume(nil)
    }

    private func takeSatisfied(_ state: inout State) -> [@Sendable () -> Void] {
        let count = state.live.count
        let satisfied = state.waiters.filter { $0.value.count <= count }
        if satisfied.isEmpty { return [] }
        let messages = state.live.map(\.message)
        return satisfied.map { token, waiter in
            state.waiters[token] = nil
            return { waiter.resume(messages) }
        }
    }
}

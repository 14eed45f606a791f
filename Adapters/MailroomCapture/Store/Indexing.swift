import Dispatch
import Synchronization

/// Reads mails in the background after they arrived, so that the first list or search need not. Mails that wait for it
/// are not kept by it.
final class Indexing: Sendable {
    private struct Waiting: Sendable {
        weak let entry: MessageStore.Entry?
    }

    private struct State {
        var waiting: [Waiting] = []
        /// Those before have been read.
        var first = 0
        var isRunning = false
    }

    /// Of more mails the oldest are read when they are asked for.
    static let limit = 16_384

    private let queue: DispatchQueue
    private let state = Mutex(State())

    init(queue: DispatchQueue = DispatchQueue(label: "mailroom.capture.index", qos: .utility)) { self.queue = queue }

    /// How many mails wait at most; some may be gone.
    var count: Int { state.withLock { $0.waiting.count - $0.first } }

    /// Adds mails, to be read in this order.
    func add(_ entries: some Sequence<MessageStore.Entry>) {
        let begins = state.withLock { state in
            state.waiting.append(contentsOf: entries.lazy.map { Waiting(entry: $0) })
            // Half of them, so that they are moved rarely.
            if state.waiting.count - state.first > Self.limit {
                state.waiting.removeFirst(state.waiting.count - Self.limit / 2)
                state.first = 0
            }
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if begins { queue.async { self.run() } }
    }

    /// Returns once everything that was added has been read.
    func finish() { queue.sync {} }

    private func run() {
        while let next = next() { _ = next.entry?.digest }
    }

    private func next() -> Waiting? {
        state.withLock { state in
            guard state.first < state.waiting.count else {
                state.waiting = []
                state.first = 0
                state.isRunning = false
                return nil
            }
            state.first += 1
            return state.waiting[state.first - 1]
        }
    }
}

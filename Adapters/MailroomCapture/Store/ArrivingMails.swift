import Synchronization

/// Mails for one task that waits for them: those that are there, then each that arrives, also where it is dropped again
/// before the task looks at it. They are kept until then.
final class ArrivingMails: Sendable {
    private struct State {
        var entries: [MessageStore.Entry] = []
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// From how many mails on they are handed over, all at once; nil where each is.
    private let enough: Int?
    private let state = Mutex(State())

    init(enough: Int? = nil) { self.enough = enough }

    /// Adds mails that are the last of all; ``wake()`` is to follow once no lock is held.
    func put(_ new: some Sequence<MessageStore.Entry>, of all: ArraySlice<MessageStore.Entry>) {
        state.withLock { state in
            guard !state.isOver else { return }
            guard let enough else { return state.entries.append(contentsOf: new) }
            if state.entries.isEmpty, all.count >= enough { state.entries = Array(all) }
        }
    }

    /// Lets the task look at what was put.
    func wake() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// No more mails are put.
    func end() {
        state.withLock { $0.isOver = true }
        wake()
    }

    /// Mails that were not handed out yet, oldest first, as soon as there are any; none once no more will be put.
    func next() async -> [MessageStore.Entry] {
        while true {
            // Not every arrival brings enough.
            if let entries = taken() { return entries }
            await withCheckedContinuation { continuation in
                let hasNews = state.withLock { state in
                    if !state.entries.isEmpty || state.isOver { return true }
                    state.waiting = continuation
                    return false
                }
                if hasNews { continuation.resume() }
            }
        }
    }

    /// What there is to hand out; nil where that is still to come.
    private func taken() -> [MessageStore.Entry]? {
        state.withLock { state in
            if state.entries.isEmpty, !state.isOver { return nil }
            defer { state.entries = [] }
            return state.entries
        }
    }
}

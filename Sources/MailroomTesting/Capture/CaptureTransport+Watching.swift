import Mailroom
import Synchronization

extension CaptureTransport {
    /// Somebody who waits for a number of events.
    struct Watcher: Sendable {
        let events: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    /// What one who waits has seen of the inbox so far. Conditions may ask for the answer: a mail is looked at when it was
    /// captured and, where it had no answer yet, again when it has one.
    struct Look: Sendable {
        let search: MailSearch
        private var (captured, answered, removed) = (0, 0, 0)
        private var matching: [Int: CapturedMail] = [:]

        init(_ search: MailSearch) { self.search = search }

        /// Those that meet the conditions, in the order of the inbox.
        var found: [CapturedMail] { matching.values.sorted { $0.number < $1.number } }

        /// The number of events without which there cannot be so many. Each event makes one more mail match at most, so
        /// fewer need not wake anybody.
        func events(for count: Int) -> Int { captured + answered + count - matching.count }

        /// Looks at what is new; true when so many meet the conditions.
        mutating func finds(_ count: Int, in capture: CaptureTransport) -> Bool {
            let (new, again, removed) = capture.state.withLock { state in
                defer { (captured, answered) = (state.captured.count, state.answered.count) }
                return (state.captured.after(captured), state.answered.after(answered), state.captured.removed)
            }
            if removed > self.removed { matching = matching.filter { $0.key > removed } }
            self.removed = removed
            for mails in [new, again] {
                for mail in mails where mail.number > removed {
                    mail.watchForAnswer()
                    matching[mail.number] = search.holds(for: mail) ? mail : nil
                }
            }
            return matching.count >= count
        }
    }

    /// Returns when so many events were, or when the task is cancelled.
    func reach(events: Int) async {
        let number = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The handler for cancellation has been and gone where the task was cancelled before this.
                    if state.events >= events || Task.isCancelled { return true }
                    state.watchers[number] = Watcher(events: events, continuation: continuation)
                    state.firstWatched = min(state.firstWatched, events)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: number) }?.continuation.resume()
        }
    }
}

extension CaptureTransport.State {
    /// What may make a mail match: that it was captured, and that it was answered after somebody had looked at it.
    var events: Int { captured.count + answered.count }

    /// The watchers whose number of events is reached; they are not watching any more.
    mutating func takeWatchers() -> [CaptureTransport.Watcher] {
        guard events >= firstWatched else { return [] }
        let reached = watchers.filter { $0.value.events <= events }
        for number in reached.keys { watchers[number] = nil }
        firstWatched = watchers.values.map(\.events).min() ?? .max
        return Array(reached.values)
    }
}

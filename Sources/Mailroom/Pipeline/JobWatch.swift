import Synchronization

/// Wakes whoever waits for a job when something happens to it, in whichever process: one reader of the broker's feed
/// for all who wait, there only while somebody does.
final class JobWatch: Sendable {
    private struct State {
        var waiters: [JobID: [Int: Wakeup]] = [:]
        var next = 0
        var reader: Task<Void, Never>?
        var isFollowing = false
    }

    private let feed: any EventFeed
    private let time: any TimeSource
    private let state = Mutex(State())

    init(_ feed: any EventFeed, time: any TimeSource) {
        self.feed = feed
        self.time = time
    }

    /// Whether everything that happens is noticed at present. Read after the waiter's generation; when it changes, all
    /// are woken.
    var isFollowing: Bool { state.withLock { $0.isFollowing } }

    /// Wakes `changes` whenever something happens to the job, until removed by the number.
    func add(_ changes: Wakeup, for job: JobID) -> Int {
        state.withLock { state in
            state.next += 1
            state.waiters[job, default: [:]][state.next] = changes
            if state.reader == nil { state.reader = Task { await self.follow() } }
            return state.next
        }
    }

    func remove(_ number: Int, for job: JobID) {
        let reader = state.withLock { state -> Task<Void, Never>? in
            state.waiters[job]?[number] = nil
            if state.waiters[job]?.isEmpty == true { state.waiters[job] = nil }
            guard state.waiters.isEmpty else { return nil }
            defer { state.reader = nil }
            state.isFollowing = false
            return state.reader
        }
        reader?.cancel()
    }

    private func follow() async {
        while !Task.isCancelled {
            do throws(BrokerError) {
                var cursor = try await feed.latestEvent()
                // What happened before the feed was read is for the waiters to look at.
                wakeAll(isFollowing: true)
                while !Task.isCancelled {
                    let batch = try await feed.events(after: cursor, limit: 1000, wait: .seconds(60))
                    cursor = batch.next
                    if batch.hasGap { wakeAll(isFollowing: true) } else { wake(batch.events) }
                }
            } catch {
                wakeAll(isFollowing: false)
                try? await time.sleep(until: time.uptime() + .seconds(1))
            }
        }
    }

    private func wake(_ events: [JobEvent]) {
        let woken = state.withLock { state in events.flatMap { state.waiters[$0.job].map { Array($0.values) } ?? [] } }
        for waiter in woken { waiter.signal() }
    }

    /// A reader that was cancelled says nothing: another one may be there already.
    private func wakeAll(isFollowing: Bool) {
        let woken = state.withLock { state -> [Wakeup] in
            guard !Task.isCancelled else { return [] }
            state.isFollowing = isFollowing
            return state.waiters.values.flatMap(\.values)
        }
        for waiter in woken { waiter.signal() }
    }
}

public import Foundation
public import Mailroom
import Synchronization

/// A clock that stands still until a test moves it. Wall time and uptime move together.
public final class ManualClock: TimeSource {
    private struct Sleeper {
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var nextSleeper = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [(deadline: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let start: Date
    private let state = Mutex(State())

    /// A clock that begins at a moment of wall time, with an uptime of zero.
    public init(at start: Date = Date(timeIntervalSince1970: 1_700_000_000)) {
        self.start = start
    }

    /// The start, and what the clock was moved since.
    public func now() -> Date {
        let elapsed = uptime().components
        return start.addingTimeInterval(Double(elapsed.seconds) + Double(elapsed.attoseconds / 1_000_000_000_000) / 1e6)
    }

    /// What the clock was moved since its start.
    public func uptime() -> Duration { state.withLock { $0.elapsed } }

    /// How many sleep by this clock.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Sleeps until a test has moved the clock there.
    public func sleep(until deadline: Duration) async throws(CancellationError) {
        let number = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    add(Sleeper(deadline: deadline, continuation: continuation), number)
                }
            } onCancel: {
                let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
                sleeper?.continuation.resume(throwing: CancellationError())
            }
        } catch {
            throw CancellationError()
        }
    }

    /// Moves the clock, and wakes whoever slept until then, the earliest first.
    public func advance(by duration: Duration) { advance(to: uptime() + duration) }

    /// Waits until somebody sleeps until exactly this uptime, and moves the clock there. The exact way to step through
    /// a plan: nothing is left to happen before that moment but what the sleeper will do.
    public func advance(toSleeperAt deadline: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.deadline == deadline }) { return true }
                state.watchers.append((deadline, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        advance(to: deadline)
    }

    private func advance(to time: Duration) {
        let woken = state.withLock { state in
            state.elapsed = max(state.elapsed, time)
            let due = state.sleepers.filter { $0.value.deadline <= state.elapsed }
            for number in due.keys { state.sleepers[number] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value)
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    private func add(_ sleeper: Sleeper, _ number: Int) {
        var over: Result<Void, any Error>?
        var watchers: [CheckedContinuation<Void, Never>] = []
        state.withLock { state in
            if Task.isCancelled {
                over = .failure(CancellationError())
            } else if sleeper.deadline <= state.elapsed {
                over = .success(())
            } else {
                state.sleepers[number] = sleeper
                watchers = state.watchers.filter { $0.deadline == sleeper.deadline }.map(\.continuation)
                state.watchers.removeAll { $0.deadline == sleeper.deadline }
            }
        }
        if let over { sleeper.continuation.resume(with: over) }
        for watcher in watchers { watcher.resume() }
    }
}

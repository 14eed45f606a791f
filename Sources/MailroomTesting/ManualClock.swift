public import Foundation
public import Mailroom
import Synchronization

/// A clock that stands still until a test moves it. Wall time and uptime move together.
public final class ManualClock: TimeSource {
    private struct Sleeper {
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// Somebody who waits for a sleeper.
    private struct Watcher {
        var deadline: Duration
        var end: FirstAnswer<WatchEnd>
    }

    private struct State {
        var elapsed = Duration.zero
        var nextSleeper = 0
        var sleepers: [Int: Sleeper] = [:]
        var nextWatcher = 0
        var watchers: [Int: Watcher] = [:]

        func hasSleeper(at deadline: Duration) -> Bool { sleepers.values.contains { $0.deadline == deadline } }
    }

    /// How the wait for a sleeper ended.
    package enum WatchEnd: Sendable {
        case slept, missed, cancelled
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
    ///
    /// Where the task is cancelled it returns at once and leaves the clock as it is.
    ///
    /// Where nobody sleeps until then although the limit has passed, in real time, or the clock is beyond that moment
    /// already, the test names a wrong one. That ends the process, with a text that tells until when somebody does sleep,
    /// and the line that asked: a test that went on would wait for what this clock does not let happen, for ever and
    /// without a word.
    public func advance(
        toSleeperAt deadline: Duration, within limit: Duration = .seconds(10), file: StaticString = #fileID,
        line: UInt = #line
    ) async {
        switch await sleeper(at: deadline, within: limit) {
        case .slept: advance(to: deadline)
        case .missed: fatalError(missing(at: deadline, within: limit), file: file, line: line)
        case .cancelled: return
        }
    }

    /// Waits until somebody sleeps until this uptime, but no longer than the limit.
    package func sleeper(at deadline: Duration, within limit: Duration) async -> WatchEnd {
        let number = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        let end = await FirstAnswer<WatchEnd>.wait(
            until: .now + limit, late: .missed, cancelled: { .cancelled }
        ) { end in
            let known = state.withLock { state -> WatchEnd? in
                if state.hasSleeper(at: deadline) { return .slept }
                if deadline <= state.elapsed { return .missed }
                state.watchers[number] = Watcher(deadline: deadline, end: end)
                return nil
            }
            if let known { end.give(known) }
        }
        return state.withLock { state in
            state.watchers[number] = nil
            // Who came at the last moment came.
            return end == .missed && state.hasSleeper(at: deadline) ? .slept : end
        }
    }

    /// What to tell somebody who waited in vain for a sleeper.
    package func missing(at deadline: Duration, within limit: Duration) -> String {
        let (elapsed, sleepers) = state.withLock { ($0.elapsed, $0.sleepers.values.map(\.deadline)) }
        let asked =
            deadline <= elapsed
            ? "Nobody can sleep until \(deadline.words) by this clock: it is at \(elapsed.words) already."
            : "Nobody slept until \(deadline.words) by this clock, which is at \(elapsed.words), "
                + "although \(limit.words) of real time have passed."
        let moments = Set(sleepers).sorted()
        guard !moments.isEmpty else { return asked + " Nobody sleeps by it at all: is it given to what should?" }
        let shown = moments.prefix(8).map(\.words).joined(separator: ", ")
        let more = moments.count > 8 ? " and \(moments.count - 8) later moments" : ""
        return asked + " Somebody sleeps until \(shown)\(more)."
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
        var watchers: [FirstAnswer<WatchEnd>] = []
        state.withLock { state in
            if Task.isCancelled {
                over = .failure(CancellationError())
            } else if sleeper.deadline <= state.elapsed {
                over = .success(())
            } else {
                state.sleepers[number] = sleeper
                watchers = state.watchers.values.filter { $0.deadline == sleeper.deadline }.map(\.end)
            }
        }
        if let over { sleeper.continuation.resume(with: over) }
        for watcher in watchers { watcher.give(.slept) }
    }
}

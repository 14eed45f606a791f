import Dispatch
import Synchronization

/// What a scripted server's connections have seen, and who waits for it.
final class ScriptedServerRecord: Sendable {
    enum Event: Hashable, Sendable {
        case mark(String), gate(String)
    }

    private struct Waiter {
        let id: Int
        let event: Event
        let times: Int
        let resume: @Sendable (Bool) -> Void
    }

    private struct State {
        var received: [[UInt8]] = []
        var problems: [String] = []
        var events: [Event: Int] = [:]
        var waiters: [Waiter] = []
        var nextID = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    var connections: Int { state.withLock { $0.received.count } }
    var problems: [String] { state.withLock { $0.problems } }

    func received(on connection: Int) -> [UInt8] {
        state.withLock { $0.received.indices.contains(connection) ? $0.received[connection] : [] }
    }

    func beginConnection() -> Int {
        state.withLock { state in
            state.received.append([])
            return state.received.count - 1
        }
    }

    func receive(_ bytes: some Sequence<UInt8>, on connection: Int) {
        state.withLock { $0.received[connection].append(contentsOf: bytes) }
    }

    func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    func reach(_ event: Event) {
        let reached = state.withLock { state -> [Waiter] in
            let times = state.events[event, default: 0] + 1
            state.events[event] = times
            let reached = state.waiters.filter { $0.event == event && $0.times <= times }
            state.waiters.removeAll { $0.event == event && $0.times <= times }
            return reached
        }
        for waiter in reached { waiter.resume(true) }
    }

    func stop() {
        let left = state.withLock { state -> [Waiter] in
            state.isStopped = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left { waiter.resume(false) }
    }

    /// Blocks the calling thread until the event; false when the server stops.
    func wait(for event: Event) -> Bool {
        let arrival = DispatchSemaphore(value: 0)
        _ = add(event, times: 1) { _ in arrival.signal() }
        arrival.wait()
        return state.withLock { !$0.isStopped }
    }

    func reached(_ mark: String, times: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let id = add(.mark(mark), times: times) { continuation.resume(returning: $0) }
            guard let id else { return }
            Task { [weak self] in
                try? await Task.sleep(for: .seconds(10))
                self?.giveUp(id)
            }
        }
    }

    /// Calls `resume` once: at once if that is possible, then there is no number to give up by.
    private func add(_ event: Event, times: Int, resume: @escaping @Sendable (Bool) -> Void) -> Int? {
        let (id, answer) = state.withLock { state -> (Int?, Bool) in
            if state.events[event, default: 0] >= times { return (nil, true) }
            if state.isStopped { return (nil, false) }
            state.nextID += 1
            state.waiters.append(Waiter(id: state.nextID, event: event, times: times, resume: resume))
            return (state.nextID, false)
        }
        if id == nil { resume(answer) }
        return id
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.resume(false)
    }
}

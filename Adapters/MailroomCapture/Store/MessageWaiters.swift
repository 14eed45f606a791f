import Synchronization

/// Those who wait for mails.
struct MessageWaiters {
    /// What is waited for, found among all mails, oldest first; nil while it is not there.
    typealias Wanted = @Sendable (ArraySlice<MessageStore.Entry>) -> [CapturedMessage]?

    private struct Waiter {
        let wanted: Wanted
        let resume: @Sendable ([CapturedMessage]?) -> Void
    }

    private var waiters: [Int: Waiter] = [:]

    var isEmpty: Bool { waiters.isEmpty }

    mutating func add(
        _ token: Int, _ wanted: @escaping Wanted, _ resume: @escaping @Sendable ([CapturedMessage]?) -> Void
    ) {
        waiters[token] = Waiter(wanted: wanted, resume: resume)
    }

    /// Takes out one who waits, to be told so by who takes it.
    mutating func remove(_ token: Int) -> (@Sendable ([CapturedMessage]?) -> Void)? {
        waiters.removeValue(forKey: token)?.resume
    }

    /// Takes out those whose wait is over; they are to be called once no lock is held.
    mutating func takeSatisfied(by entries: ArraySlice<MessageStore.Entry>) -> [@Sendable () -> Void] {
        var satisfied: [@Sendable () -> Void] = []
        for (token, waiter) in waiters {
            guard let messages = waiter.wanted(entries) else { continue }
            waiters[token] = nil
            satisfied.append { waiter.resume(messages) }
        }
        return satisfied
    }
}

/// The token of a wait that may be given up before it is known.
final class Waiting: Sendable {
    private struct State {
        var token: Int?
        var isGivenUp = false
    }

    private let state = Mutex(State())

    func begin(_ token: Int, _ store: MessageStore) {
        let isGivenUp = state.withLock { state in
            state.token = token
            return state.isGivenUp
        }
        if isGivenUp { store.giveUp(token) }
    }

    func giveUp(_ store: MessageStore) {
        let token = state.withLock { state in
            state.isGivenUp = true
            return state.token
        }
        if let token { store.giveUp(token) }
    }
}

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

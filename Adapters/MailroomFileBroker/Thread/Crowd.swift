#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How many call at once, and so how large a group to wait for.
struct Crowd {
    /// Calls that were under way at one moment, lately.
    private var callers = 0

    /// Whether so many call that two groups keep both the processors and the disk busy: one is made while the other goes
    /// to the disk.
    var isLarge: Bool { callers >= 16 }

    mutating func note(_ count: Int) { callers = max(count, callers - max(1, callers / 8)) }

    /// Lets the callers that were just answered come back, if many did: as long as more arrive, a larger group saves a
    /// sync. Of a large crowd half is enough.
    func gather(at inbox: Inbox) {
        guard callers > 2 else { return }
        let goal = isLarge ? callers / 2 : callers
        var count = inbox.waiting
        var idle = 0
        while count > 0, count < goal, idle < 4 {
            sched_yield()
            let now = inbox.waiting
            idle = now == count ? idle + 1 : 0
            count = now
        }
    }
}

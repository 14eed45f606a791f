/// The connections that pause, the first to go on in front: a binary heap, so that only those that pause cost anything.
struct PauseQueue {
    private var entries: [(end: ContinuousClock.Instant, token: UInt64)] = []

    /// When the first pause ends.
    var first: ContinuousClock.Instant? { entries.first?.end }

    var count: Int { entries.count }

    mutating func add(_ token: UInt64, until end: ContinuousClock.Instant) {
        var place = entries.count
        entries.append((end, token))
        while place > 0 {
            let parent = (place - 1) / 2
            if entries[parent].end <= entries[place].end { return }
            entries.swapAt(parent, place)
            place = parent
        }
    }

    /// Takes the first connection if its pause is over.
    mutating func take(at now: ContinuousClock.Instant) -> UInt64? {
        guard let first = entries.first, first.end <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return first.token
    }

    /// Forgets connections that are gone.
    mutating func keep(where isAlive: (UInt64) -> Bool) {
        entries.removeAll { !isAlive($0.token) }
        for place in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            let left = 2 * place + 1
            guard left < entries.count else { return }
            let right = left + 1
            let child = right < entries.count && entries[right].end < entries[left].end ? right : left
            if entries[place].end <= entries[child].end { return }
            entries.swapAt(place, child)
            place = child
        }
    }
}

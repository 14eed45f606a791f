/// When a failing next hop is left alone and when it is tried again. Pure.
struct Circuit {
    /// What an ended delivery says about the next hop.
    enum Verdict {
        case works
        case fails
        /// Nothing: it was cancelled, or failed by the mail alone.
        case neither
    }

    /// What a delivery that comes is told.
    enum Admission: Equatable {
        case pass
        /// Goes through alone, to try whether the next hop works again.
        case probe(Int)
        case wait(Duration)
    }

    private enum State {
        case closed(failures: Int)
        case open(until: Duration, coolDown: Duration)
        case probing(number: Int, until: Duration, coolDown: Duration)
    }

    let threshold: Int
    let coolDown: Duration
    let longestCoolDown: Duration
    private var state = State.closed(failures: 0)
    private var probes = 0

    init(threshold: Int, coolDown: Duration, longestCoolDown: Duration) {
        self.threshold = threshold
        self.coolDown = coolDown
        self.longestCoolDown = longestCoolDown
    }

    /// Admits a delivery, or says how long to wait. A probe that has not ended in `time` is given up on.
    mutating func admit(at now: Duration, for time: Duration) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until, _) where now < until: return .wait(until - now)
        case .probing(_, let until, _) where now < until: return .wait(coolDown)
        case .open(_, let coolDown), .probing(_, _, let coolDown):
            probes += 1
            state = .probing(number: probes, until: now + time, coolDown: coolDown)
            return .probe(probes)
        }
    }

    mutating func end(_ admission: Admission, _ verdict: Verdict, at now: Duration) {
        if case .works = verdict {
            state = .closed(failures: 0)
            return
        }
        switch (state, admission) {
        case (.closed(let failures), _):
            guard case .fails = verdict else { return }
            state =
                failures + 1 >= threshold
                ? .open(until: now + coolDown, coolDown: coolDown) : .closed(failures: failures + 1)
        case (.probing(let number, _, let last), .probe(let ended)) where number == ended:
            guard case .fails = verdict else {
                state = .open(until: now, coolDown: last)
                return
            }
            let next = min(last * 2, max(longestCoolDown, coolDown))
            state = .open(until: now + next, coolDown: next)
        default: break
        }
    }
}

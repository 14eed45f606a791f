import Mailroom

/// What callers of a queue were answered, and so what has to be there whatever happened to disk and processes.
struct FaultLedger {
    enum Certainty { case no, doubtful, yes }

    struct Entry {
        let submission: Submission
        var arrival: Certainty
        var removal = Certainty.no
        /// The states that it may be in, being ready and being in somebody's hands taken for one.
        var states: Set<JobState>
        /// Somebody was given it and its settlement was not answered.
        var isHandedOut = false
        /// Somebody may have been given it.
        var mayBeHandedOut = false
        /// It may be on record, even by whom it was taken from, that it has arrived or was refused: then nobody is owed it
        /// any more, which the next late settlement finds.
        var mayBeOwedToNobody = false
        /// It was answered that a recipient has it.
        var isSent = false
    }

    private(set) var entries: [JobID: Entry] = [:]
    private(set) var order: [JobID] = []
    var answered = 0

    subscript(job: JobID) -> Entry? {
        get { entries[job] }
        set { entries[job] = newValue }
    }

    mutating func submit(_ submissions: [Submission], _ arrival: Certainty) {
        for submission in submissions {
            if entries[submission.id] != nil {
                if arrival == .yes { entries[submission.id]!.arrival = .yes }
                if arrival == .doubtful, entries[submission.id]!.arrival == .no {
                    entries[submission.id]!.arrival = .doubtful
                }
                continue
            }
            order.append(submission.id)
            entries[submission.id] = Entry(
                submission: submission, arrival: arrival,
                states: [submission.notBefore > submission.createdAt ? .scheduled : .ready])
        }
    }

    mutating func remove(_ jobs: [JobID], _ removal: Certainty) {
        for job in jobs where entries[job] != nil { entries[job]!.removal = removal }
    }

    mutating func set(_ jobs: [JobID], _ state: JobState) {
        for job in jobs where entries[job] != nil {
            entries[job]!.states = [state]
            entries[job]!.isHandedOut = false
        }
    }

    mutating func mayBe(_ jobs: some Sequence<JobID>, _ states: JobState...) {
        for job in jobs where entries[job] != nil { entries[job]!.states.formUnion(states) }
    }

    /// Every job that may be there in one of these states.
    func jobs(in states: JobState...) -> [JobID] {
        order.filter { job in
            guard let entry = entries[job], entry.removal != .yes, entry.arrival != .no else { return false }
            return !entry.states.isDisjoint(with: states)
        }
    }
}

import Foundation

/// The state of a queue, as a pure machine: it decides what a call does and applies ``QueueRecord``s, and knows
/// neither clocks nor storage. A broker holds it under a lock of its own.
///
/// A decision that changes something is turned into a record first; the record is stored, and applied here and by
/// every other process that reads it.
package final class QueueMachine {
    var jobs: [JobID: Job] = [:]
    /// Every job in the order of its arrival; removed ones are marked, and dropped when they are half of the list.
    var arrivals: [Job] = []
    var removedArrivals = 0
    var lanes: [QueueName: Lane] = [:]
    var keys: [String: Job] = [:]
    var references: [SHA256Digest: Int] = [:]
    var expiries = BinaryHeap<Expiry>()
    var sequence: UInt64 = 0
    var lastToken: UInt64 = 0
    var lastNumber: UInt64 = 0
    /// The latest events, and how many there were before them.
    var events: [JobEvent] = []
    var trimmedEvents = 0

    package init() {}

    /// One queue's waiting jobs and counts.
    struct Lane {
        var ready = BinaryHeap<Waiting>()
        var scheduled = BinaryHeap<Waiting>()
        var counts = [Int](repeating: 0, count: JobState.allCases.count)
        /// How many of all jobs needed more than one attempt.
        var retried = 0

        /// A process that never leases takes nothing out of line: drops the places of jobs that have moved on.
        mutating func compact() {
            let leased = counts[Int(JobState.leased.rawValue)]
            ready.compact(live: counts[Int(JobState.ready.rawValue)] + leased) { $0.job.stands(at: $0) }
            scheduled.compact(live: counts[Int(JobState.scheduled.rawValue)]) { $0.job.isScheduled(at: $0) }
        }
    }

    /// A place in a lane. Stale when its job has moved on: the sequence tells.
    struct Waiting: Comparable {
        var due: Int64
        var sequence: UInt64
        var job: Job

        static func < (one: Waiting, other: Waiting) -> Bool {
            (one.due, one.job.number) < (other.due, other.job.number)
        }

        static func == (one: Waiting, other: Waiting) -> Bool { one.sequence == other.sequence }
    }

    /// When a lease ends. Stale when the lease was extended or settled: token and time tell.
    struct Expiry: Comparable {
        var expires: Duration
        var token: UInt64
        var job: Job

        var holds: Bool { job.state == .leased && job.token == token && job.expires == expires && !job.isOffered }

        static func < (one: Expiry, other: Expiry) -> Bool { one.expires < other.expires }
        static func == (one: Expiry, other: Expiry) -> Bool { one.token == other.token }
    }

    /// A job.
    final class Job {
        var header: Submission
        var content: Content
        var digests: [SHA256Digest]
        var state: JobState = .ready
        var attempts = 0
        /// Attempts since the last settlement that ended with their worker.
        var lostAttempts = 0
        /// An attempt may have delivered it without anyone having recorded so.
        var mayHaveBeenSent = false
        /// The lease whose decision was taken last: settling it again changes nothing.
        var settledToken: UInt64?
        var recipients: [RecipientRecord]
        var due: Date
        var updatedAt: Date
        var error: String?
        var fingerprint: Fingerprint?
        var sequence: UInt64 = 0
        /// Counts arrivals.
        var number: UInt64 = 0
        var token: UInt64 = 0
        var expires: Duration = .zero
        var worker = ""
        /// Its lease has ended by this process' clock, so it stands in line again. Only a later grant takes the job
        /// from its holder: clocks differ between processes, records do not.
        var isOffered = false
        var isRevived = false
        var isRemoved = false

        init(_ arrival: Arrival) {
            header = arrival.header
            content = arrival.content
            digests = arrival.digests
            recipients = arrival.header.recipients.map { RecipientRecord($0, at: arrival.header.createdAt) }
            due = max(arrival.header.notBefore, arrival.header.createdAt)
            updatedAt = arrival.header.createdAt
        }

        func holds(_ lease: Lease.ID) -> Bool { state == .leased && token == lease.token }

        func isScheduled(at place: Waiting) -> Bool { state == .scheduled && sequence == place.sequence }

        func stands(at place: Waiting) -> Bool {
            sequence == place.sequence && (state == .ready || state == .leased && isOffered)
        }
    }

    /// Applies a record. The answers of settlements are for the caller that made the record.
    @discardableResult
    package func apply(_ record: QueueRecord) -> [SettleResult] {
        switch record {
        case .enqueued(let arrivals): for arrival in arrivals { admit(arrival) }
        case .leased(let grants): grant(grants)
        case .extended(let leases, let until): extend(leases, until: until)
        case .settled(let settlements, let time): return settlements.map { settle($0, at: time) }
        case .ended(let jobs, let reason, let time): for id in jobs { end(id, reason: reason, at: time) }
        case .revived(let jobs, let time): for id in jobs { revive(id, at: time) }
        case .removed(let jobs, let time): for id in jobs { remove(id, at: time) }
        case .erased(let jobs, let address): for id in jobs { erase(address, from: id) }
        case .restarted(let time): restart(at: time)
        }
        return []
    }

    // MARK: Moving a job between states

    func move(_ job: Job, to state: JobState, isNew: Bool = false) {
        if !isNew { lanes[job.header.queue]?.counts[Int(job.state.rawValue)] -= 1 }
        job.state = state
        job.isOffered = false
        lanes[job.header.queue, default: Lane()].counts[Int(state.rawValue)] += 1
    }

    /// Puts a job in line, due at a time. Whether it counts as scheduled depends on `now`.
    func wait(_ job: Job, until due: Date, now: Date, isNew: Bool = false) {
        job.due = due
        sequence += 1
        job.sequence = sequence
        let waiting = Waiting(due: due.milliseconds, sequence: sequence, job: job)
        if due > now {
            move(job, to: .scheduled, isNew: isNew)
            lanes[job.header.queue]?.scheduled.push(waiting)
        } else {
            move(job, to: .ready, isNew: isNew)
            lanes[job.header.queue]?.ready.push(waiting)
        }
        lanes[job.header.queue]?.compact()
    }

    /// Drops a job's content once it is of no more use.
    func dropContent(of job: Job) {
        job.content = .none
        for digest in job.digests {
            guard let count = references[digest] else { continue }
            references[digest] = count > 1 ? count - 1 : nil
        }
        job.digests = []
    }

    /// Whether some job still needs an attachment, so that its bytes need not be stored again.
    package func needs(_ digest: SHA256Digest) -> Bool { references[digest] != nil }
}

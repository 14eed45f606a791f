package import Foundation

/// The state of a queue but for the details of its jobs: who is in line, who is in hand, how many there are. It is the
/// fold of what it is told, in order; whoever tells the same has the same queue. It knows neither clocks nor storage,
/// and is used by one thread at a time.
package final class QueueTable {
    /// Every job in the order of its arrival; removed ones are marked.
    package let entries: Column<JobEntry>
    let ids: SlotIndex
    let keys: SlotIndex
    package internal(set) var lanes: [Lane] = []
    var laneNumbers: [QueueName: UInt16] = [:]
    package internal(set) var leases: [Slot: LeaseTerm] = [:]
    var expiries = BinaryHeap<Expiry>()
    package internal(set) var lastSequence: UInt64 = 0
    package internal(set) var lastToken: UInt64 = 0
    package internal(set) var lastNumber: UInt64 = 0
    /// Jobs that stood in line before this, and were due, may have been handed out by a lease whose record was lost
    /// when the machine stopped.
    package internal(set) var restart = Restart(sequence: 0, time: .min)
    package internal(set) var removedCount = 0
    /// The bytes in the store that jobs on record need.
    package internal(set) var liveBytes = 0

    /// A lease that is under way.
    package struct LeaseTerm: Sendable {
        package var token: UInt64
        package var worker: String
        package var expires: Duration

        package init(token: UInt64, worker: String, expires: Duration) {
            self.token = token
            self.worker = worker
            self.expires = expires
        }
    }

    package struct Restart: BitwiseCopyable, Sendable {
        package var sequence: UInt64
        package var time: Int64

        package init(sequence: UInt64, time: Int64) {
            self.sequence = sequence
            self.time = time
        }
    }

    /// When a lease ends. It no longer stands when the lease was extended or settled: token and time tell.
    struct Expiry: Comparable {
        var expires: Duration
        var token: UInt64
        var slot: Slot

        static func < (one: Expiry, other: Expiry) -> Bool { one.expires < other.expires }
    }

    package init() {
        entries = Column()
        ids = SlotIndex()
        keys = SlotIndex()
    }

    /// A table as it was stored.
    package init(
        entries: Column<JobEntry>, ids: SlotIndex, keys: SlotIndex, lanes: [Lane], leases: [Slot: LeaseTerm],
        lastSequence: UInt64, lastToken: UInt64, lastNumber: UInt64, restart: Restart, liveBytes: Int
    ) {
        self.entries = entries
        self.ids = ids
        self.keys = keys
        self.lanes = lanes
        self.lastSequence = lastSequence
        self.lastToken = lastToken
        self.lastNumber = lastNumber
        self.restart = restart
        self.liveBytes = liveBytes
        for (number, lane) in lanes.enumerated() { laneNumbers[lane.queue] = UInt16(number) }
        self.leases = leases
        for (slot, term) in leases { expiries.push(Expiry(expires: term.expires, token: term.token, slot: slot)) }
    }

    /// Jobs on record.
    package var count: Int { entries.count - removedCount }

    package subscript(slot: Slot) -> JobEntry { entries[Int(slot)] }

    /// The slot of a job. `hint` is where it was a moment ago: looking there first saves a look into the index, which in a
    /// large queue costs more than what is done with the job.
    package func slot(of id: JobID, hint: Slot? = nil) -> Slot? {
        if let hint, hint < entries.count {
            let entry = entries[Int(hint)]
            if entry.low == id.low, entry.high == id.high, !entry.isRemoved { return hint }
        }
        return indexed(id)
    }

    private func indexed(_ id: JobID) -> Slot? {
        ids.first(id.low) { slot in
            let entry = entries[Int(slot)]
            return entry.low == id.low && entry.high == id.high && !entry.isRemoved
        }
    }

    /// Jobs whose key has this hash.
    package func slots(withKeyHash hash: UInt32) -> [Slot] {
        var found: [Slot] = []
        _ = keys.first(UInt64(hash)) { slot in
            let entry = entries[Int(slot)]
            if entry.keyHash == hash, !entry.isRemoved { found.append(slot) }
            return false
        }
        return found
    }

    package func queue(of entry: JobEntry) -> QueueName { lanes[Int(entry.lane)].queue }

    package func lane(_ queue: QueueName) -> UInt16 {
        if let number = laneNumbers[queue] { return number }
        let number = UInt16(lanes.count)
        lanes.append(Lane(queue))
        laneNumbers[queue] = number
        return number
    }

    /// Whether a lease is under way and is this one.
    package func holds(_ lease: Lease.ID) -> Bool {
        slot(of: lease.job).map { leases[$0]?.token == lease.token } ?? false
    }

    /// The workers that hold these leases, as leases name them.
    package func workers(of leases: [Lease.ID]) -> Set<String> {
        var workers: Set<String> = []
        for lease in leases {
            guard let slot = slot(of: lease.job), let term = self.leases[slot], term.token == lease.token else {
                continue
            }
            workers.insert(term.worker)
        }
        return workers
    }

    /// Which of these leases no longer hold.
    package func lost(_ leases: [Lease.ID]) -> [Lease.ID] { leases.filter { !holds($0) } }

    /// What is known of a job, with what a restart says about it.
    package func flags(of entry: JobEntry) -> JobEntry.Flags {
        var flags = entry.flags.intersection(.stored)
        let wasInLine = !entry.state.isSettled && entry.sequence <= restart.sequence && entry.time <= restart.time
        if wasInLine { flags.insert(.mayHaveBeenSent) }
        return flags
    }

    /// Jobs by queue and state at this moment.
    package func counts(now: Date) -> [QueueCounts] {
        promote(now: now.milliseconds)
        return lanes.map { lane in
            let states = zip(JobState.allCases, lane.counts).filter { $0.1 > 0 }
            return QueueCounts(
                queue: lane.queue, jobs: Dictionary(uniqueKeysWithValues: states), retried: lane.retried)
        }
        .filter { !$0.jobs.isEmpty }
        .sorted { $0.queue.rawValue < $1.queue.rawValue }
    }
}

package import Foundation

/// The state of a queue but for the details of its jobs: who is in line, who is in hand, how many there are. It is the
/// fold of what it is told, in order; whoever tells the same has the same queue. It knows neither clocks nor storage,
/// and is used by one thread at a time.
package final class QueueTable {
    /// Every job in the order of its arrival; removed ones are marked.
    package let entries: Column<JobEntry>
    package let ids: SlotIndex
    package let keys: SlotIndex
    var lanes: [Lane] = []
    var laneNumbers: [QueueName: UInt16] = [:]
    /// The lane that was asked for last: most jobs stand in one.
    private var lastLane: (queue: QueueName, number: UInt16)?
    private var following: Slot = 0
    package let leases = LeaseTerms()
    var expiries = BinaryHeap<Expiry>()
    var marks = Marks()
    /// Jobs that stood in line before this, and were due, may have been handed out by a lease whose record was lost
    /// when the machine stopped.
    package internal(set) var restart = Restart(sequence: 0, time: .min)

    /// What is counted along. A stored property that other modules saw would be checked at each access.
    struct Marks: BitwiseCopyable {
        var lastSequence: UInt64 = 0
        var lastToken: UInt64 = 0
        var lastNumber: UInt64 = 0
        var removedCount = 0
        var liveBytes = 0
        var toldCount = 0
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
        marks = Marks(
            lastSequence: lastSequence, lastToken: lastToken, lastNumber: lastNumber, liveBytes: liveBytes)
        self.restart = restart
        for (number, lane) in lanes.enumerated() { laneNumbers[lane.queue] = UInt16(number) }
        for (slot, term) in leases { hold(slot, term) }
    }

    /// Jobs on record.
    package var count: Int { entries.count - removedCount }

    package var removedCount: Int { marks.removedCount }

    /// The bytes in the store that jobs on record need.
    package var liveBytes: Int { marks.liveBytes }

    package var lastSequence: UInt64 { marks.lastSequence }
    package var lastToken: UInt64 { marks.lastToken }
    package var lastNumber: UInt64 { marks.lastNumber }

    /// How many jobs' arrivals and changes it was told since it was made.
    package var toldCount: Int { marks.toldCount }

    package var allLanes: [Lane] { lanes }

    package subscript(slot: Slot) -> JobEntry { entries[Int(slot)] }

    /// The slot of a job. `hint` is where it was a moment ago: looking there first saves a look into the index, which in a
    /// large queue costs more than what is done with the job.
    ///
    /// Without one, the place after the job that was found last is tried: jobs go in hand and are settled in a row.
    package func slot(of id: JobID, hint: Slot? = nil) -> Slot? {
        let hint = hint ?? following
        if hint < entries.count, isJob(id, hint) {
            following = hint + 1
            return hint
        }
        guard let slot = ids.first(id.low, where: { isJob(id, $0) }) else { return nil }
        following = slot + 1
        return slot
    }

    private func isJob(_ id: JobID, _ slot: Slot) -> Bool {
        let entry = entries[Int(slot)]
        return entry.low == id.low && entry.high == id.high && !entry.isRemoved
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
        if let lastLane, lastLane.queue == queue { return lastLane.number }
        let number = numberedLane(queue)
        lastLane = (queue, number)
        return number
    }

    private func numberedLane(_ queue: QueueName) -> UInt16 {
        if let number = laneNumbers[queue] { return number }
        let number = UInt16(lanes.count)
        lanes.append(Lane(queue))
        laneNumbers[queue] = number
        return number
    }

    /// Whether a lease is under way and is this one.
    package func holds(_ lease: Lease.ID) -> Bool {
        slot(of: lease.job).map { leases.token(of: $0) == lease.token } ?? false
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

import Mailroom
import MailroomFiles

/// What a checkpoint of a table has to say: the table without the places of removed jobs, with its lines in order.
struct CheckpointPlan {
    let ids: SlotIndex
    let keys: SlotIndex
    let lines = Column<Slot>()
    private(set) var lanes: [CheckpointState.LaneState] = []
    private(set) var leases: [Slot: LeaseTerm] = [:]

    init(_ table: QueueTable) {
        // Some room, so that the index need not grow, which would copy it, before the next checkpoint. Where every job
        // keeps its place the table's own will do.
        let isMoved = table.removedCount > 0
        func index(_ own: SlotIndex, for count: Int) -> SlotIndex? {
            !isMoved && own.hasRoom(for: count * 5 / 4) ? own : nil
        }
        let (ownIDs, ownKeys) = (index(table.ids, for: table.count), index(table.keys, for: table.keys.count))
        ids = ownIDs ?? SlotIndex(reserving: table.count * 5 / 4)
        var keyed: [(Slot, UInt32)] = []
        func waiting(_ state: JobState) -> [Waiting] {
            table.allLanes.map { Waiting(capacity: $0.counts[Int(state.rawValue)], isMoved: isMoved) }
        }
        var (ready, scheduled) = (waiting(.ready), waiting(.scheduled))
        var next: Slot = 0
        for index in 0..<table.entries.count {
            let entry = table.entries[index]
            guard !entry.isRemoved else { continue }
            if ownIDs == nil { ids.insert(next, entry.low) { _ in 0 } }
            if ownKeys == nil, entry.keyHash != 0 { keyed.append((next, entry.keyHash)) }
            switch entry.state {
            case .ready: ready[Int(entry.lane)].add(next, Slot(index), due: entry.time)
            case .scheduled: scheduled[Int(entry.lane)].add(next, Slot(index), due: entry.time)
            case .leased: leases[next] = table.leases[Slot(index)]
            case .finished, .dead, .held: break
            }
            next += 1
        }
        keys = ownKeys ?? SlotIndex(reserving: keyed.count * 5 / 4)
        for (slot, hash) in keyed { keys.insert(slot, UInt64(hash)) { _ in 0 } }
        for (number, lane) in table.allLanes.enumerated() {
            for slot in ready[number].inOrder(table) { lines.append(slot) }
            for slot in scheduled[number].inOrder(table) { lines.append(slot) }
            lanes.append(
                .init(
                    queue: lane.queue, counts: lane.counts, retried: lane.retried, ready: ready[number].count,
                    scheduled: scheduled[number].count))
        }
    }

    /// The jobs of one line: their places in the checkpoint and, where these are not in order already, in the table.
    private struct Waiting {
        private var slots: [Slot] = []
        /// Empty where every job keeps its place.
        private var tableSlots: [Slot] = []
        private let isMoved: Bool
        private var last = Int64.min
        private var isInOrder = true

        init(capacity: Int, isMoved: Bool) {
            self.isMoved = isMoved
            slots.reserveCapacity(capacity)
            if isMoved { tableSlots.reserveCapacity(capacity) }
        }

        var count: Int { slots.count }

        mutating func add(_ slot: Slot, _ tableSlot: Slot, due: Int64) {
            slots.append(slot)
            if isMoved { tableSlots.append(tableSlot) }
            isInOrder = isInOrder && due >= last
            last = due
        }

        func inOrder(_ table: QueueTable) -> [Slot] {
            if isInOrder { return slots }
            let tableSlots = isMoved ? tableSlots : slots
            func due(_ index: Int) -> Int64 { table.entries[Int(tableSlots[index])].time }
            return slots.indices.sorted { (due($0), $0) < (due($1), $1) }.map { slots[$0] }
        }
    }

    /// Hands out the entries as they are stored.
    func forEachChunkOfEntries(
        _ table: QueueTable, of size: Int, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(size + MemoryLayout<JobEntry>.stride)
        func flush(_ count: Int) throws(FileError) {
            try chunk.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            }.get()
            chunk.removeFirst(count)
        }
        for index in 0..<table.entries.count {
            var entry = table.entries[index]
            guard !entry.isRemoved else { continue }
            entry.flags = table.flags(of: entry)
            if entry.state == .ready || entry.state == .scheduled { entry.flags.insert(.isInOrder) }
            withUnsafeBytes(of: entry) { chunk.append(contentsOf: $0) }
            if chunk.count >= size { try flush(size) }
        }
        if !chunk.isEmpty { try flush(chunk.count) }
    }
}

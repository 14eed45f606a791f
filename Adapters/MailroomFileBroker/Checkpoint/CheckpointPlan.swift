import Mailroom
import MailroomFiles

/// What a checkpoint of a table has to say: the table without the places of removed jobs, with its lines in order.
struct CheckpointPlan {
    let ids = SlotIndex()
    let keys = SlotIndex()
    let lines = Column<Slot>()
    private(set) var lanes: [CheckpointState.LaneState] = []
    private(set) var leases: [Slot: QueueTable.LeaseTerm] = [:]

    private struct Place: Comparable {
        var time: Int64
        var slot: Slot

        static func < (one: Place, other: Place) -> Bool { (one.time, one.slot) < (other.time, other.slot) }
    }

    init(_ table: QueueTable) {
        // Room for as many again, so that the index need not grow, which would copy it, before the next checkpoint.
        ids.reserve(table.count * 3 / 2)
        var keyed: [(Slot, UInt32)] = []
        var ready = [[Place]](repeating: [], count: table.lanes.count)
        var scheduled = ready
        var next: Slot = 0
        for index in 0..<table.entries.count {
            let entry = table.entries[index]
            guard !entry.isRemoved else { continue }
            ids.insert(next, entry.low) { _ in 0 }
            if entry.keyHash != 0 { keyed.append((next, entry.keyHash)) }
            let place = Place(time: entry.time, slot: next)
            switch entry.state {
            case .ready: ready[Int(entry.lane)].append(place)
            case .scheduled: scheduled[Int(entry.lane)].append(place)
            case .leased: leases[next] = table.leases[Slot(index)]
            case .finished, .dead, .held: break
            }
            next += 1
        }
        keys.reserve(keyed.count * 3 / 2)
        for (slot, hash) in keyed { keys.insert(slot, UInt64(hash)) { _ in 0 } }
        for (number, lane) in table.lanes.enumerated() {
            add(&ready[number])
            add(&scheduled[number])
            lanes.append(
                .init(
                    queue: lane.queue, counts: lane.counts, retried: lane.retried, ready: ready[number].count,
                    scheduled: scheduled[number].count))
        }
    }

    private func add(_ places: inout [Place]) {
        let isInOrder = zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
        if !isInOrder { places.sort() }
        for place in places { lines.append(place.slot) }
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

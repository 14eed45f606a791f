extension QueueTable {
    /// A table of the same jobs without the places of removed ones; `keep` is told the old slots in order.
    package func compacted(_ keep: (Slot) -> Void) -> QueueTable {
        let table = QueueTable()
        table.ids.reserve(count)
        table.lanes = lanes.map { Lane($0.queue) }
        table.laneNumbers = laneNumbers
        for number in lanes.indices {
            table.lanes[number].counts = lanes[number].counts
            table.lanes[number].retried = lanes[number].retried
        }
        table.marks.lastSequence = lastSequence
        table.marks.lastToken = lastToken
        table.marks.lastNumber = lastNumber
        table.restart = restart
        for index in 0..<entries.count where !entries[index].isRemoved {
            let slot = Slot(table.entries.count)
            var entry = entries[index]
            entry.flags.remove(.isInOrder)
            table.add(entry)
            keep(Slot(index))
            if let term = leases[Slot(index)] {
                table.hold(slot, term)
            }
            if !entry.state.isSettled, entry.state != .leased || entry.flags.contains(.isOffered) {
                table.stand(slot, entry)
            }
        }
        return table
    }
}

import Mailroom

/// Whether a checkpoint says what the log says.
enum CheckpointComparison {
    /// The first difference in words; `nil` where there is none. Of a log whose first segments were dropped, what was
    /// told in them can only be compared as far as later records repeat it.
    static func difference(_ checkpoint: QueueTable, _ log: QueueTable, isWholeLog: Bool) -> String? {
        guard checkpoint.count == log.count || !isWholeLog && checkpoint.count > log.count else {
            return "it has \(checkpoint.count) jobs, the log up to its place has \(log.count)"
        }
        var known = 0
        var counts = [[Int]](
            repeating: [Int](repeating: 0, count: JobState.allCases.count), count: checkpoint.allLanes.count)
        for index in 0..<checkpoint.entries.count {
            let entry = checkpoint.entries[index]
            guard !entry.isRemoved else { continue }
            guard Int(entry.lane) < counts.count else { return "job \(entry.id) is in a queue that it does not name" }
            counts[Int(entry.lane)][Int(entry.state.rawValue)] += 1
            guard let slot = log.slot(of: entry.id) else {
                // A segment that was dropped since told of it; it was written anew behind the checkpoint's place.
                if !isWholeLog { continue }
                return "it has job \(entry.id), the log has not"
            }
            known += 1
            if let difference = difference(entry, log[slot], isWholeLog) { return "job \(entry.id) \(difference)" }
            if checkpoint.queue(of: entry) != log.queue(of: log[slot]) { return "job \(entry.id) is in another queue" }
        }
        if known != log.count { return "the log up to its place has jobs that it has not" }
        for (lane, count) in zip(checkpoint.allLanes, counts) where lane.counts != count {
            return "its counts of queue \(lane.queue) are not those of its jobs"
        }
        return nil
    }

    private static func difference(_ entry: JobEntry, _ other: JobEntry, _ isWholeLog: Bool) -> String? {
        guard entry.segment == other.segment, entry.offset == other.offset, entry.length == other.length else {
            return "has its details in another place"
        }
        guard entry.flags.contains(.hasContent) == other.flags.contains(.hasContent) else {
            return "has content in one of the two only"
        }
        if entry.state.isSettled || other.state.isSettled || isWholeLog, !isSame(entry.state, other.state) {
            return "is \(entry.state) in it and \(other.state) in the log"
        }
        guard isWholeLog else { return nil }
        if entry.attempts != other.attempts { return "has another number of attempts" }
        if entry.time != other.time || entry.expires != other.expires || entry.keyHash != other.keyHash {
            return "has other times"
        }
        return nil
    }

    /// What is due becomes ready by the clock of whoever looks.
    private static func isSame(_ one: JobState, _ other: JobState) -> Bool {
        one == other || one.isWaiting && other.isWaiting
    }
}

extension JobState {
    fileprivate var isWaiting: Bool { self == .ready || self == .scheduled }
}

extension QueueExamination {
    /// Whether a whole checkpoint is one of another log: most of what it says stands in places where nothing like it is.
    var isCheckpointForeign: Bool {
        guard let checkpoint else { return false }
        if checkpointDisagreement != nil { return true }
        let table = checkpoint.table
        var (good, bad) = (0, 0)
        for index in stride(from: 0, to: table.entries.count, by: max(1, table.entries.count / 500)) {
            let entry = table.entries[index]
            guard !entry.isRemoved, let segment = found.segments[entry.segment] else { continue }
            let isDamaged = (stretches + openEnds).contains {
                $0.segment == segment.number && $0.contains(entry.offset)
            }
            if isDamaged || Int(entry.offset) >= segment.size { continue }
            let bytes = read(entry.segment, entry.offset, entry.length)
            if ContentBlock.isWhole(bytes[...]) { good += 1 } else { bad += 1 }
        }
        return bad > good
    }
}

import Foundation
import Mailroom
import MailroomFiles

/// The jobs of a damaged queue as far as they are known: by the records that are whole, by what can still be read of
/// the others, and by the checkpoint, which remembers what stood in damaged records before it.
final class QueueReconstruction {
    let examination: QueueExamination
    private(set) var fold: QueueFold
    private(set) var mends: [Mend] = []
    /// Jobs that whole records tell of although they had been removed.
    private(set) var removed: [JobID] = []
    /// Attachments that are whole inside damage, and needed.
    private(set) var attachments: [SHA256Digest: [UInt8]] = [:]
    /// Whether leases or settlements may be lost of which nothing is known.
    private(set) var isUncertain = false
    private(set) var salvages: [UInt64: Salvage] = [:]
    let usesCheckpoint: Bool
    let isCheckpointForeign: Bool
    /// Jobs in hand when a settlement may have been lost: their lease, and the damage.
    private var suspects: [JobID: (token: UInt64, cause: Stretch)] = [:]
    /// Jobs that are only known by name.
    private var mentioned: [JobID: Position] = [:]
    private var forgotten: Set<JobID> = []
    private let damage: [Stretch]

    init(_ examination: QueueExamination) throws(BrokerError) {
        self.examination = examination
        var damage = examination.stretches + examination.openEnds
        for number in examination.missing {
            damage.append(Stretch(segment: number, start: Segment.headerSize, end: Segment.headerSize))
        }
        if let tail = examination.lostTail { damage.append(tail) }
        self.damage = damage.sorted { $0.position < $1.position }
        isCheckpointForeign = examination.isCheckpointForeign
        let first = self.damage.first?.position
        let checkpoint = isCheckpointForeign ? nil : Checkpoint.latest(in: examination.folder)
        usesCheckpoint = first != nil && checkpoint.map { $0.position > first! } ?? false
        fold = examination.fold
        if first != nil {
            fold = QueueFold(usesCheckpoint ? checkpoint : nil)
            try read(from: usesCheckpoint ? checkpoint!.position : Position(segment: 0, offset: 0))
        }
        decide()
        try examination.refuseFailingDisk()
    }

    // MARK: Reading again, with what can be saved

    private func read(from start: Position) throws(BrokerError) {
        var place = start
        for stretch in damage {
            try read(from: place, to: stretch.position)
            place = max(place, Position(segment: stretch.segment, offset: UInt32(stretch.end)))
            let salvage = Salvage(bytes(of: stretch), of: stretch)
            salvages[stretch.key] = salvage
            // What was damaged before the checkpoint is in the checkpoint.
            if stretch.position >= start { try take(salvage, stretch) }
            if let attachment = salvage.attachment {
                attachments[attachment.digest] = Array(bytes(of: stretch)[attachment.range])
            }
        }
        try read(from: place, to: Position(segment: .max, offset: 0))
        let last = fold.table
        for (job, token) in suspects where last.slot(of: job).flatMap({ last.leases.token(of: $0) }) != token.token {
            suspects[job] = nil
        }
    }

    func bytes(of stretch: Stretch) -> [UInt8] {
        examination.read(stretch.segment, UInt32(stretch.start), UInt32(stretch.count))
    }

    /// Applies the whole records between two places.
    private func read(from start: Position, to end: Position) throws(BrokerError) {
        for segment in examination.found.all
        where segment.number >= start.segment && segment.number <= min(end.segment, examination.end.segment) {
            let offset =
                segment.number == start.segment ? max(Int(start.offset), Segment.headerSize) : Segment.headerSize
            var scan = try SegmentScan(segment, from: offset)
            while scan.position < min(end, examination.end), let (record, _) = try scan.next() {
                if record.kind == .end { break }
                noteNames(record)
                try fold.apply(record, in: examination.folder)
            }
            examination.note(scan, of: segment)
        }
    }

    /// Remembers jobs that a record names and nothing has told of.
    private func noteNames(_ record: StoredRecord) {
        switch record.kind {
        case .leased:
            for lease in (try? record.leases().leases) ?? [] where fold.table.slot(of: lease.job) == nil {
                mentioned[lease.job] = record.position
            }
        case .removed:
            for job in (try? record.removals().jobs) ?? [] {
                mentioned[job.id] = nil
                forgotten.insert(job.id)
            }
        default: break
        }
    }

    private func take(_ salvage: Salvage, _ stretch: Stretch) throws(BrokerError) {
        if let record = salvage.record {
            noteNames(record)
            return try fold.apply(record, in: examination.folder)
        }
        if !salvage.isComplete {
            isUncertain = true
            for (slot, term) in fold.table.leases.all { suspects[fold.table[slot].id] = (term.token, stretch) }
        }
        for job in salvage.jobs { take(job, salvage.kind) }
        for job in salvage.lost { fold.table.admit(job.arrival, to: job.queue) }
    }

    private func take(_ job: Salvage.Job, _ kind: RecordKind?) {
        let table = fold.table
        let id = job.arrival.id
        if job.isArrival {
            table.admit(job.arrival, to: job.details.header.queue)
            return
        }
        let isKnown = table.slot(of: id) != nil
        if isKnown, kind == .moved {
            table.move(
                id, to: job.arrival.segment, job.arrival.offset, length: job.arrival.length,
                contentLength: job.arrival.contentLength)
            return
        }
        if !isKnown { table.admit(job.arrival, to: job.details.header.queue) }
        guard let slot = table.slot(of: id) else { return }
        let entry = table[slot]
        let isSent = job.details.recipients.allSatisfy { $0.status == .sent }
        // What it was about to become is not known: nothing is sent again without a person's word.
        var change = JobChange(
            job: id, time: job.details.updatedAt.milliseconds, event: nil,
            next: .settled(isSent ? .finished : .held, keyUntil: .max), expires: entry.expires,
            attempts: entry.attempts, lostAttempts: entry.lostAttempts,
            flags: job.details.content.isNone || isSent ? [] : [.hasContent], keyHash: entry.keyHash)
        (change.segment, change.offset, change.length) = (job.arrival.segment, job.arrival.offset, job.arrival.length)
        table.apply(change)
    }

    // MARK: What to do about each job

    private func decide() {
        let (table, log) = (fold.table, examination.fold.table)
        for index in 0..<table.entries.count {
            let entry = table.entries[index]
            guard !entry.isRemoved else { continue }
            let slot = log.slot(of: entry.id)
            if let slot, isSound(entry, log[slot], slot), suspects[entry.id] == nil { continue }
            look(at: entry, slot)
        }
        for (id, _) in mentioned.sorted(by: { $0.value < $1.value })
        where table.slot(of: id) == nil && !forgotten.contains(id) && !damage.isEmpty {
            mendMentioned(id)
        }
        guard table !== log else { return }
        for index in 0..<log.entries.count where !log.entries[index].isRemoved {
            if table.slot(of: log.entries[index].id) == nil { removed.append(log.entries[index].id) }
        }
    }

    /// Whether the whole records say all of a job that is known of it, and have all that it needs.
    private func isSound(_ entry: JobEntry, _ other: JobEntry, _ slot: Slot) -> Bool {
        guard entry.segment == other.segment, entry.offset == other.offset, entry.state == other.state,
            entry.attempts == other.attempts, entry.flags.intersection(.stored) == other.flags.intersection(.stored)
        else { return false }
        guard entry.flags.contains(.hasContent) else { return true }
        guard examination.hasContent(slot) else { return false }
        return (examination.digests[slot] ?? []).allSatisfy { examination.attachments[$0] != nil }
    }

    private func look(at entry: JobEntry, _ slot: Slot?) {
        let queue = fold.table.queue(of: entry)
        let known = readDetails(of: entry) ?? slot.flatMap { readDetails(of: examination.fold.table[$0]) }
        var details = known ?? QueueReconstruction.empty(entry, queue)
        var mend = Mend(
            entry: entry, queue: queue, details: details, content: nil,
            next: entry.state.isSettled
                ? .settled(entry.state, keyUntil: Int64(clamping: entry.sequence)) : .waiting(due: entry.time),
            flags: fold.table.flags(of: entry), isKnown: slot != nil,
            outcome: "is \(entry.state.isSettled ? entry.state.description : "in line") as before", loss: .none,
            cause: cause(entry))
        if entry.state == .leased { mend.flags.insert(.mayHaveBeenSent) }
        var lost: [String] = []
        if known == nil { lost.append("its record") }
        if entry.state == .finished {
            details.content = .none
            for index in details.recipients.indices { details.recipients[index].status = .sent }
        } else if case .stored(let segment, let offset, let length, let digests) = details.content {
            let content = examination.read(segment, offset, length)
            if !ContentBlock.isWhole(content[...]) || length == 0 {
                lost.append("its content")
                mend.cause = mend.cause ?? stretch(segment, offset)
                details.content = .none
            } else {
                // Wherever it stands, it is written anew with the job: where it stood is about to be set aside.
                if stretch(segment, offset) != nil || slot == nil { mend.content = content }
                let missing = digests.filter { examination.attachments[$0] == nil && attachments[$0] == nil }
                if !missing.isEmpty {
                    lost.append("an attachment (\(missing[0]))")
                    mend.content = content
                    details.content = .none
                }
            }
        } else if entry.flags.contains(.hasContent), known != nil {
            lost.append("its content")
        }
        if details.content.isNone, let slot { mend.dropped = examination.digests[slot] ?? [] }
        if details.content.isNone { mend.flags.remove(.hasContent) } else { mend.flags.insert(.hasContent) }
        if let suspect = suspects[entry.id] {
            mend.cause = mend.cause ?? suspect.cause
            hold(&mend, &details, "its settlement may be lost: it may have been sent", loss: .perhaps)
        }
        if !lost.isEmpty, entry.state != .finished {
            hold(&mend, &details, "\(lost.joined(separator: " and ")) was lost", loss: .certain)
        } else if !lost.isEmpty {
            mend.outcome = "is finished; what was recorded of it is lost"
            mend.loss = .certain
        } else if case .settled(.held, _) = mend.next, entry.state == .held, slot.map({ isDoubtful(entry, $0) }) ?? true
        {
            hold(&mend, &details, "what became of it was lost with the damage", loss: .perhaps)
        }
        mend.details = details
        mends.append(mend)
    }

    /// Whether only damaged bytes tell of the job's present state.
    private func isDoubtful(_ entry: JobEntry, _ slot: Slot) -> Bool {
        let other = examination.fold.table[slot]
        return other.segment != entry.segment || other.offset != entry.offset
    }

    private func hold(_ mend: inout Mend, _ details: inout JobDetails, _ reason: String, loss: StoreProblem.Loss) {
        let place = mend.cause.map { " at offset \($0.start) of segment \($0.segment)" } ?? ""
        let text = "the queue's log was damaged\(place): \(reason)"
        details.error = text
        mend.next = .settled(mend.entry.state == .dead ? .dead : .held, keyUntil: .max)
        mend.outcome = "is \(mend.entry.state == .dead ? "dead" : "held"): \(reason)"
        mend.loss = loss
    }

    private func mendMentioned(_ id: JobID) {
        var entry = JobEntry(
            JobArrival(
                id: id, createdAt: id.createdAt.milliseconds, due: id.createdAt.milliseconds,
                expires: id.createdAt.milliseconds, keyHash: 0, filter: 0), lane: 0, sequence: 0)
        entry.flags = []
        var details = QueueReconstruction.empty(entry, .default)
        var mend = Mend(
            entry: entry, queue: .default, details: details, content: nil, next: .settled(.held, keyUntil: .max),
            flags: [.mayHaveBeenSent], isKnown: false, outcome: "", loss: .certain, cause: damage.first)
        hold(&mend, &details, "its record and its content were lost; a worker had it in hand", loss: .certain)
        mend.details = details
        mends.append(mend)
    }

    private static func empty(_ entry: JobEntry, _ queue: QueueName) -> JobDetails {
        JobDetails(
            Submission(
                id: entry.id, queue: queue, messageID: "", recipients: [], createdAt: entry.id.createdAt,
                expiresAt: Date(milliseconds: entry.expires)),
            content: .none)
    }

    private func readDetails(of entry: JobEntry) -> JobDetails? {
        let details = DetailsBlock.details(
            examination.read(entry.segment, entry.offset, entry.length)[...], of: entry)
        return details?.header.id == entry.id ? details : nil
    }

    private func cause(_ entry: JobEntry) -> Stretch? { stretch(entry.segment, entry.offset) }

    /// The damage that a place lies in.
    func stretch(_ segment: UInt32, _ offset: UInt32) -> Stretch? {
        damage.first { stretch in
            stretch.segment == segment
                && (stretch.contains(offset) || examination.missing.contains(segment)
                    || examination.lostTail == stretch && Int(offset) >= stretch.start)
        }
    }
}

extension Stretch {
    var key: UInt64 { UInt64(segment) << 32 | UInt64(start) }
}

import Foundation
import Mailroom
import MailroomFiles

extension QueueRepair {
    /// Writes anew what has damage, and at the log's end what must be said of jobs. Answers where the log ends.
    func writeSegments(
        _ examination: QueueExamination, _ reconstruction: QueueReconstruction
    ) throws(BrokerError) -> Position {
        let isAppending =
            !reconstruction.mends.isEmpty || !reconstruction.removed.isEmpty || reconstruction.isUncertain
            || examination.found.numbers.isEmpty
        var end = examination.end
        if end.segment == 0 {
            end = Position(segment: examination.watermark.position.segment + 1, offset: UInt32(Segment.headerSize))
        }
        let isFresh = Int(end.offset) == Segment.headerSize && !hasRecords(end.segment, examination)
        let appended = isFresh ? end.segment : end.segment + 1
        for number in examination.missing where !(isAppending && number == appended) {
            let draft = try DraftSegment(number, in: folder)
            if number < end.segment { try draft.append(EncodedRecord(.end) { $0.write(fixed: number + 1) }) }
            try finish(draft)
            outcome.deeds.append("segment \(number), which was missing, was made anew without jobs")
        }
        for segment in examination.found.all where segment.number <= end.segment {
            let number = segment.number
            if isAppending, number == appended { continue }
            let isLast = number == end.segment
            let stretches = examination.stretches.filter { $0.segment == number }
            let open = examination.openEnds.first { $0.segment == number }
            let isCut = isLast && (examination.lostTail?.count ?? 0) > 0
            guard
                !stretches.isEmpty || open != nil || !segment.isHeaderWhole || segment.named != number || isCut
                    || isLast && isAppending
            else { continue }
            let draft = try DraftSegment(number, in: folder)
            var limit = segment.size
            if let open { limit = open.start }
            if isLast { limit = Int(end.offset) }
            examination.note(try draft.copy(segment, to: limit, without: stretches), of: segment)
            if open != nil || isLast && isAppending {
                try draft.append(EncodedRecord(.end) { $0.write(fixed: number + 1) })
            }
            try finish(draft, segment.size)
            if segment.named != number {
                outcome.deeds.append("segment \(number) was found in \(segment.name) and got its name back")
                if examination.found.segments[segment.named] == nil, !examination.missing.contains(segment.named) {
                    plan.steps.append(.remove(segment.name))
                }
            } else if !stretches.isEmpty || open != nil || isCut || !segment.isHeaderWhole {
                outcome.deeds.append("segment \(number) was written anew without the damage")
            }
        }
        return isAppending ? try append(to: appended, examination, reconstruction) : end
    }

    private func hasRecords(_ number: UInt32, _ examination: QueueExamination) -> Bool {
        guard let segment = examination.found.segments[number], var scan = try? SegmentScan(segment) else {
            return false
        }
        return (try? scan.next()) != nil
    }

    private func finish(_ draft: DraftSegment, _ size: Int = 0) throws(BrokerError) {
        try draft.finish(size)
        drafts.append(draft)
        plan.steps.append(.rename(draft.name, String(draft.name.dropLast(".repaired.new".count))))
    }

    private func append(
        to number: UInt32, _ examination: QueueExamination, _ reconstruction: QueueReconstruction
    ) throws(BrokerError) -> Position {
        var draft = try DraftSegment(number, in: folder)
        let table = reconstruction.fold.table
        // Another boot makes everything that is due count as perhaps handed out.
        let boot = reconstruction.isUncertain ? "repair \(JobID(at: now, random: .system))" : reconstruction.fold.boot
        func makeRoom(_ count: Int) throws(BrokerError) {
            guard draft.offset > Segment.headerSize, draft.offset + count > 1 << 30 else { return }
            try draft.append(EncodedRecord(.end) { $0.write(fixed: draft.number + 1) })
            try finish(draft)
            draft = try DraftSegment(draft.number + 1, in: folder)
        }
        func add(_ record: EncodedRecord) throws(BrokerError) {
            try makeRoom(record.space)
            try draft.append(record)
        }
        // Tokens of lost leases must not be given again, and a clock that was set back hides nothing.
        let start = max(now, Date(milliseconds: table.latestTime))
        try add(
            .boot(boot, at: start, lastToken: table.lastToken + 1_000_000, lastSequence: table.lastSequence + 1_000_000)
        )
        var needed: Set<SHA256Digest> = []
        for mend in reconstruction.mends { needed.formUnion(mend.details.content.digests) }
        for digest in needed where examination.attachments[digest] == nil {
            guard let bytes = reconstruction.attachments[digest] else { continue }
            try add(
                EncodedRecord(.attachment, reserving: 32 + bytes.count) { writer in
                    digest.encode(into: &writer)
                    writer.bytes.append(contentsOf: bytes)
                })
        }
        for mend in reconstruction.mends {
            var mend = mend
            if let content = mend.content, !mend.details.content.isNone, let slot = table.slot(of: mend.entry.id) {
                let job = MoveCoding.Job(slot: slot, details: mend.details, content: content)
                try makeRoom(MoveCoding.encoded([job], in: table, at: draft.position).space)
                let position = try draft.append(MoveCoding.encoded([job], in: table, at: draft.position))
                try place(&mend, job, table, position)
            }
            let change = JobChange(
                job: mend.entry.id, time: now.milliseconds, event: mend.event, next: mend.next,
                expires: mend.entry.expires, attempts: mend.entry.attempts, lostAttempts: mend.entry.lostAttempts,
                flags: mend.flags, keyHash: mend.entry.keyHash)
            try add(
                ChangeCoding.encoded([
                    .init(change: change, entry: mend.entry, details: mend.details, dropped: mend.dropped)
                ]).record)
        }
        if !reconstruction.removed.isEmpty {
            try add(.removed(reconstruction.removed.map { (id: $0, dropped: []) }, at: now))
        }
        try finish(draft)
        return draft.position
    }

    /// Where a content stands that was moved.
    private func place(
        _ mend: inout QueueReconstruction.Mend, _ job: MoveCoding.Job, _ table: QueueTable, _ position: Position
    ) throws(BrokerError) {
        let record = MoveCoding.encoded([job], in: table, at: position)
        let stored = StoredRecord(kind: .moved, bytes: record.bytes[RecordHead.size...], position: position)
        var entry: JobEntry?
        try? MoveCoding.visit(stored) { entry = $0.entry }
        guard let entry else { return }
        mend.details.content = .stored(
            segment: entry.segment, offset: entry.offset + entry.length, length: entry.contentLength,
            digests: mend.details.content.digests)
        mend.entry.contentLength = entry.contentLength
    }
}

extension QueueReconstruction.Mend {
    fileprivate var event: JobEvent.Kind? {
        if case .settled(.held, _) = next, entry.state != .held { return .held }
        return nil
    }
}

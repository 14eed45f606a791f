import Foundation
import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What an examination found, for people.
struct InspectionReport {
    private(set) var inspection: StoreInspection
    private let examination: QueueExamination
    private let reconstruction: QueueReconstruction
    private static let repair = "stop its processes and run \"mailroom queue repair\""

    init(_ examination: QueueExamination, _ reconstruction: QueueReconstruction) {
        self.examination = examination
        self.reconstruction = reconstruction
        inspection = StoreInspection(place: examination.folder.path)
        addMeasures()
        addDamage()
        addSegments()
        addJobs()
        addCheckpoint()
        addWatermark()
        addFiles()
    }

    /// Throws where a folder is missing, or holds nothing that a queue's folder does.
    static func refuseWhatIsNoQueue(_ folder: FolderLayout) throws(BrokerError) {
        let isThere = try before { () throws(FileError) in try folder.disk.hasFolder(folder.path) }
        guard isThere else {
            throw BrokerError(.noStore, "there is no folder \(folder.path): correct its name", mayHaveStored: false)
        }
        let names = try before { () throws(FileError) in Set(try folder.disk.names(in: folder.path)) }
        let numbers = try before { () throws(FileError) in try folder.segments().numbers }
        // Any log file could have such a name; what a queue's processes make beside it could not.
        var isQueue = names.isSuperset(of: ["lock", "synced"]) || names.contains("repairing")
        for number in numbers where !isQueue {
            let file = try before { () throws(FileError) in try folder.disk.open(folder.segmentPath(number), O_RDONLY) }
            let header = (try? file.bytes(Segment.headerSize, at: 0)) ?? []
            isQueue = header.starts(with: Segment.magic)
        }
        guard isQueue else {
            throw BrokerError(
                .noStore, "\(folder.path) is no queue: it has neither segments nor the files lock and synced",
                mayHaveStored: false)
        }
    }

    /// The paths of a queue's own files and folders.
    static func files(of folder: FolderLayout) -> [String] {
        var paths: [String] = []
        for name in ((try? folder.disk.names(in: folder.path)) ?? []).sorted() where name != "lost+found" {
            paths.append("\(folder.path)/\(name)")
            guard name == "workers" || name == "damaged" else { continue }
            for inner in ((try? folder.disk.names(in: "\(folder.path)/\(name)")) ?? []).sorted() {
                paths.append("\(folder.path)/\(name)/\(inner)")
            }
        }
        return paths
    }

    // MARK: Parts

    private mutating func addMeasures() {
        let table = reconstruction.fold.table
        for lane in table.allLanes {
            for state in JobState.allCases where lane.counts[Int(state.rawValue)] > 0 {
                inspection.jobs[state, default: 0] += lane.counts[Int(state.rawValue)]
            }
        }
        inspection.measures = [
            ("segments", examination.found.all.count), ("records", examination.records), ("bytes", examination.bytes),
            ("free_bytes", examination.freeBytes), ("jobs", table.count),
            ("attachments", examination.attachments.count), ("attachment_bytes", examination.attachmentBytes),
        ]
    }

    private func name(_ segment: UInt32) -> String {
        let named = examination.found.segments[segment]?.name
        return named ?? String(examination.folder.segmentPath(segment).split(separator: "/").last ?? "")
    }

    private func touched(by stretch: Stretch) -> (jobs: [JobID], loss: StoreProblem.Loss) {
        let mends = reconstruction.mends.filter { $0.cause == stretch }
        var loss: StoreProblem.Loss = mends.contains { $0.loss == .certain } ? .certain : .none
        if loss == .none, mends.contains(where: { $0.loss == .perhaps }) { loss = .perhaps }
        if loss == .none, reconstruction.salvages[stretch.key]?.isComplete != true,
            !(reconstruction.usesCheckpoint && stretch.position < examination.checkpoint!.position)
        {
            loss = .perhaps
        }
        return (mends.map(\.entry.id), loss)
    }

    private mutating func addDamage() {
        for stretch in examination.stretches + examination.openEnds {
            let (jobs, loss) = touched(by: stretch)
            let isOpen = examination.openEnds.contains(stretch)
            inspection.problems.append(
                StoreProblem(
                    name(stretch.segment), offset: stretch.start, length: stretch.count,
                    (isOpen
                        ? "the segment ends without the record with which the log goes on in the next one. "
                        : "these bytes are no record, and whole records follow. ")
                        + InspectionReport.guess(reconstruction.salvages[stretch.key]),
                    loss: loss, jobs: jobs, remedy: InspectionReport.repair))
        }
        for number in examination.missing {
            let mends = reconstruction.mends.filter { $0.cause?.segment == number }
            inspection.problems.append(
                StoreProblem(
                    name(number), "the segment is missing, with every job that was told of in it alone",
                    loss: .certain, jobs: mends.map(\.entry.id),
                    remedy: "bring the file back from a copy, or \(InspectionReport.repair)"))
        }
        if let tail = examination.lostTail {
            let (jobs, _) = touched(by: tail)
            inspection.problems.append(
                StoreProblem(
                    name(tail.segment), offset: tail.start, length: tail.count,
                    "the log ends here, although more of it had been on the disk and acknowledged",
                    loss: .certain, jobs: jobs, remedy: "restore the folder from a copy, or \(InspectionReport.repair)")
            )
        }
        if let rest = examination.interrupted {
            inspection.notes.append(
                "\(name(rest.segment)): \(rest.count) bytes from offset \(rest.start) on are no whole record: a write that "
                    + "was interrupted and never acknowledged, which the next process to open the queue cuts")
        }
        for range in examination.unreadable {
            inspection.problems.append(
                StoreProblem(
                    name(range.segment), offset: range.start, length: range.count,
                    "the disk does not give these bytes back",
                    loss: .perhaps,
                    remedy: "look at the system's log; copy the folder to a disk that works, then repair it"
                ))
        }
        for (position, what) in examination.misshapen {
            inspection.problems.append(
                StoreProblem(
                    name(position.segment), offset: Int(position.offset),
                    "the record is whole, but its \(what) cannot be read", loss: .perhaps,
                    remedy: "a newer version may have written it: update this program"))
        }
    }

    private mutating func addSegments() {
        for segment in examination.found.all where segment.number <= examination.end.segment {
            if !segment.isHeaderWhole {
                inspection.problems.append(
                    StoreProblem(
                        segment.name, offset: 0, length: Segment.headerSize,
                        "the segment's header is damaged; its records are looked at all the same",
                        remedy: InspectionReport.repair))
            } else if segment.named != segment.number {
                inspection.problems.append(
                    StoreProblem(
                        segment.name, "by its header this is segment \(segment.number): the file has a wrong name",
                        remedy: InspectionReport.repair))
            }
        }
        for segment in examination.found.surplus {
            inspection.problems.append(
                StoreProblem(
                    segment.name, "this is another file with the number of segment \(segment.number)",
                    remedy: InspectionReport.repair))
        }
        for segment in examination.spoilt {
            inspection.problems.append(
                StoreProblem(
                    segment.name, "the segment was made ready for later and does not consist of zeros: nothing is lost",
                    remedy: InspectionReport.repair))
        }
        if examination.found.numbers.isEmpty, case .missing = examination.watermark, !examination.hasCheckpointFile {
            inspection.notes.append("there is no segment yet: nothing was ever submitted")
        } else if examination.found.numbers.isEmpty {
            inspection.problems.append(
                StoreProblem(
                    "*.log", "there is no segment at all",
                    loss: examination.watermark.position.segment > 0 ? .certain : .none,
                    remedy: "restore the folder from a copy, or \(InspectionReport.repair)"))
        } else if examination.found.numbers[0] > 1, !examination.hasCheckpointFile {
            inspection.notes.append(
                "there is no checkpoint, and segments before \(examination.found.numbers[0]) were dropped: what they held "
                    + "that is needed was written anew in later ones")
        }
    }

    private mutating func addJobs() {
        for mend in reconstruction.mends where mend.cause == nil && mend.loss != .none {
            inspection.problems.append(
                StoreProblem(
                    name(mend.entry.segment), offset: Int(mend.entry.offset),
                    "what job \(mend.entry.id) needs is not there; after a repair it \(mend.outcome)",
                    loss: mend.loss, jobs: [mend.entry.id], remedy: InspectionReport.repair))
        }
    }

    private mutating func addCheckpoint() {
        guard examination.hasCheckpointFile else { return }
        let remedy = "remove the file while no process has the queue open, or \(InspectionReport.repair)"
        if examination.checkpoint == nil {
            inspection.problems.append(
                StoreProblem(
                    "checkpoint",
                    "it is damaged, or of another version: the log has everything that it had, and takes longer to read",
                    remedy: remedy))
        } else if reconstruction.isCheckpointForeign {
            let why = examination.checkpointDisagreement.map { ": \($0)" } ?? ""
            inspection.problems.append(
                StoreProblem(
                    "checkpoint", "it does not agree with the log, so it is of another one\(why)", remedy: remedy))
        }
    }

    private mutating func addWatermark() {
        switch examination.watermark {
        case .missing: inspection.notes.append("synced does not say anything yet")
        case .damaged:
            inspection.problems.append(
                StoreProblem(
                    "synced", "it is damaged: how much had been on the disk is not known",
                    remedy: InspectionReport.repair))
        case .at(let position):
            if position > examination.end, examination.lostTail == nil {
                inspection.problems.append(
                    StoreProblem(
                        "synced",
                        "it says that the log was on the disk up to offset \(position.offset) of segment "
                            + "\(position.segment), but the log ends at offset \(examination.end.offset) of segment "
                            + "\(examination.end.segment)",
                        loss: .certain, remedy: "restore the folder from a copy, or \(InspectionReport.repair)"))
            }
        }
    }

    private mutating func addFiles() {
        let folder = examination.folder
        for name in (try? folder.segments().strangers) ?? [] {
            inspection.problems.append(
                StoreProblem(
                    name, "it is no part of a queue, and keeps the queue from being opened",
                    remedy: "move it elsewhere, or \(InspectionReport.repair)"))
        }
        if folder.disk.exists(folder.repairingPath) {
            inspection.problems.append(
                StoreProblem("repairing", "a repair was interrupted", remedy: "run \"mailroom queue repair\" again"))
        }
        for name in ((try? folder.disk.names(in: folder.path)) ?? []).sorted() where name.hasSuffix(".new") {
            inspection.notes.append("\(name) is a file being made, or one that was never finished")
        }
        guard let own = FileAccess(folder.path, on: folder.disk) else { return }
        for path in [folder.path] + InspectionReport.files(of: folder) {
            guard let access = FileAccess(path, on: folder.disk) else { continue }
            let name = path == folder.path ? "." : String(path.dropFirst(folder.path.count + 1))
            if access.isOpenToOthers {
                inspection.problems.append(
                    StoreProblem(
                        name, "its mode is \(access.octal): others than its owner may use it, and read what is sent",
                        remedy: "chmod \(access.isFolder ? "700" : "600"), or \(InspectionReport.repair)"))
            }
            if access.owner != own.owner {
                inspection.problems.append(
                    StoreProblem(
                        name, "it belongs to user \(access.owner), the folder to user \(own.owner)",
                        remedy: "give it to the folder's owner (chown)"))
            }
        }
    }

    /// What a stretch was, as far as can be told.
    static func guess(_ salvage: Salvage?) -> String {
        guard let salvage else { return "What they were cannot be told." }
        if salvage.record != nil { return "Only the record's head is damaged: what it says is whole." }
        let saved = salvage.jobs.isEmpty ? "" : " The details of \(salvage.jobs.count) jobs in it are whole."
        guard let kind = salvage.kind else { return "What they were cannot be told.\(saved)" }
        let what =
            switch kind {
            case .enqueued: "jobs that came in"
            case .leased: "jobs that were handed out"
            case .extended: "leases that were made longer"
            case .changed: "jobs that were settled or changed"
            case .removed: "jobs that were removed"
            case .attachment: "an attachment"
            case .boot: "the start of the machine"
            case .end: "the end of the segment"
            case .moved: "jobs that were moved here from an older segment"
            }
        return "By its head it was a record of \(what).\(saved)"
    }
}

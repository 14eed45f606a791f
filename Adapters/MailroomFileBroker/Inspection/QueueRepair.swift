import Foundation
import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes a damaged queue readable again: sets the damage aside, writes segments anew that have any, and says of each
/// job that it touched what is left of it.
///
/// Everything new is written beside the old files and brought to the disk; then a plan of renamings is, which is carried
/// out whatever happens. Until the plan is there nothing of the queue has changed.
final class QueueRepair {
    let folder: FolderLayout
    let now: Date
    private let progress: (Int, Int) -> Void
    private var locks: [File] = []
    var plan = RepairPlan()
    var drafts: [DraftSegment] = []
    var outcome = StoreRepair()
    /// Names in the folder of damage that this repair gives.
    private var taken: Set<String> = []

    init(_ folder: FolderLayout, now: Date, _ progress: @escaping (Int, Int) -> Void) {
        self.folder = folder
        self.now = now
        self.progress = progress
    }

    func run(onlyLooking: Bool, isAgreed: (StoreInspection) -> Bool) throws(BrokerError) -> StoreRepair? {
        try InspectionReport.refuseWhatIsNoQueue(folder)
        try takeLocks(making: !onlyLooking)
        defer { locks = [] }
        if let plan = RepairPlan(in: folder), !onlyLooking {
            try before { () throws(FileError) in try plan.carryOut(in: folder) }
            outcome.deeds.append("an interrupted repair was carried to its end")
        }
        let examination = try QueueExamination(folder, isAlone: true, progress)
        let reconstruction = try QueueReconstruction(examination)
        let report = InspectionReport(examination, reconstruction).inspection
        if let stranger = examination.misshapen.first {
            throw BrokerError(
                .unsupported,
                "\(folder.segmentPath(stranger.position.segment)) holds at offset \(stranger.position.offset) a whole "
                    + "record whose \(stranger.what) cannot be read: a newer version may have written it; update this "
                    + "program",
                mayHaveStored: false)
        }
        if report.problems.isEmpty { return outcome.deeds.isEmpty ? nil : outcome }
        if !onlyLooking, let stretch = examination.unreadable.first {
            throw BrokerError(
                .unavailable,
                "the disk does not give back \(stretch.count) bytes of \(folder.segmentPath(stretch.segment)) at offset "
                    + "\(stretch.start): copy the folder to a disk that works, with zeros for what cannot be read "
                    + "(ddrescue), then repair the copy",
                mayHaveStored: false)
        }
        guard isAgreed(report), !onlyLooking else { return nil }
        try mend(examination, reconstruction)
        return outcome
    }

    // MARK: Alone

    private func takeLocks(making: Bool) throws(BrokerError) {
        var paths = [folder.openPath, folder.lockPath, folder.checkpointLockPath]
        paths += ((try? folder.disk.names(in: folder.workersPath)) ?? []).sorted().map { folder.workersPath + "/" + $0 }
        for path in paths where making || folder.disk.exists(path) {
            let file = try before { () throws(FileError) in
                try folder.disk.open(path, making ? O_RDWR | O_CREAT : O_RDONLY)
            }
            guard file.tryLock() else {
                throw BrokerError(
                    .unavailable,
                    "a process has the queue in \(folder.path) open: stop the workers and whatever submits to it, then "
                        + "repair it",
                    mayHaveStored: false)
            }
            locks.append(file)
        }
    }

    // MARK: Mending

    private func mend(_ examination: QueueExamination, _ reconstruction: QueueReconstruction) throws(BrokerError) {
        try removeDrafts()
        try before { () throws(FileError) in try folder.disk.makeFolder(folder.damagedPath) }
        try setAside(examination, reconstruction)
        let end = try writeSegments(examination, reconstruction)
        try writeWatermark(end, examination)
        moveAside(examination, reconstruction)
        try closeFiles()
        try examination.refuseFailingDisk()
        try before { () throws(FileError) in
            try folder.disk.syncFolder(folder.damagedPath)
            try folder.disk.syncFolder(folder.path)
            try plan.commit(in: folder)
            try plan.carryOut(in: folder)
        }
        for mend in reconstruction.mends { outcome.jobs.append((mend.entry.id, mend.outcome)) }
        if reconstruction.isUncertain {
            outcome.deeds.append(
                "every job that stands in line and is due counts as perhaps sent before, since records of its being "
                    + "handed out may be lost")
        }
    }

    private func removeDrafts() throws(BrokerError) {
        try before { () throws(FileError) in
            let names = try folder.disk.names(in: folder.path).filter { $0.hasSuffix(".new") }.sorted()
            for name in names {
                try folder.disk.remove("\(folder.path)/\(name)")
                if !name.contains(".repaired."), !name.hasPrefix("repairing"), !name.hasPrefix("synced") {
                    outcome.deeds.append("\(name), which was never finished, was removed")
                }
            }
        }
    }

    private func setAside(_ examination: QueueExamination, _ reconstruction: QueueReconstruction) throws(BrokerError) {
        let all = examination.stretches + examination.openEnds + [examination.lostTail].compactMap { $0 }
        for stretch in all where stretch.count > 0 {
            let name = "\(digits(stretch.segment))-\(stretch.start)"
            let jobs = reconstruction.mends.filter { $0.cause == stretch }.map { "\($0.entry.id) \($0.outcome)" }
            let text =
                "\(stretch.count) bytes of \(digits(stretch.segment)).log from offset \(stretch.start) on, set aside at "
                + "\(now.formatted(.iso8601)).\n"
                + InspectionReport.guess(reconstruction.salvages[stretch.key]) + "\n"
                + (jobs.isEmpty ? "" : "Jobs:\n" + jobs.map { "  \($0)\n" }.joined())
            try write(reconstruction.bytes(of: stretch), text, to: name)
            outcome.deeds.append(
                "\(stretch.count) bytes of segment \(stretch.segment) at offset \(stretch.start) were "
                    + "set aside in damaged/\(name).bytes")
        }
        for mend in reconstruction.mends where mend.details.content.isNone && mend.content != nil {
            try write(
                mend.content!, "The content of job \(mend.entry.id), which \(mend.outcome).\n",
                to: "job-\(mend.entry.id)")
        }
    }

    /// Writes bytes and what they were. Where an interrupted repair wrote the same, it stays.
    private func write(_ bytes: [UInt8], _ text: String, to name: String) throws(BrokerError) {
        try before { () throws(FileError) in
            for (suffix, content) in [(".bytes", bytes), (".txt", Array(text.utf8))] {
                let path = "\(folder.damagedPath)/\(name)\(suffix)"
                try folder.disk.remove(path + ".new")
                let file = try folder.disk.open(path + ".new", O_RDWR | O_CREAT | O_EXCL)
                try file.write(content, at: 0)
                try file.sync()
                try folder.disk.rename(path + ".new", to: path)
            }
        }
    }

    private func digits(_ number: UInt32) -> String {
        String(String(folder.segmentPath(number).split(separator: "/").last ?? "").dropLast(4))
    }

    // MARK: What is not a segment

    private func writeWatermark(_ end: Position, _ examination: QueueExamination) throws(BrokerError) {
        // Everything up to the end is on the disk when the plan is.
        for segment in examination.found.all where segment.number <= end.segment {
            let file = try before { () throws(FileError) in try folder.disk.open(segment.path, O_RDWR) }
            try before { () throws(FileError) in try file.sync() }
        }
        try before { () throws(FileError) in
            let draft = folder.syncedPath + ".new"
            try folder.disk.remove(draft)
            let file = try folder.disk.open(draft, O_RDWR | O_CREAT | O_EXCL)
            let place = UInt64(end.segment) << 32 | UInt64(end.offset)
            var writer = ByteWriter()
            writer.write(fixed: place)
            writer.write(fixed: ~place)
            try file.write(writer.bytes, at: 0)
            try file.sync()
        }
        plan.steps.append(.rename("synced.new", "synced"))
    }

    private func moveAside(_ examination: QueueExamination, _ reconstruction: QueueReconstruction) {
        if examination.hasCheckpointFile {
            let isNeeded = examination.checkpoint != nil && !reconstruction.isCheckpointForeign && drafts.isEmpty
            if !isNeeded { moveAside("checkpoint") }
        }
        for segment in examination.found.surplus + examination.spoilt
        where !drafts.contains(where: { $0.number == segment.named }) {
            moveAside(segment.name)
        }
        for name in (try? folder.segments().strangers) ?? [] { moveAside(name) }
    }

    private func moveAside(_ name: String) {
        var target = name
        var number = 1
        while folder.disk.exists("\(folder.damagedPath)/\(target)") || taken.contains(target) {
            number += 1
            target = "\(name)-\(number)"
        }
        taken.insert(target)
        plan.steps.append(.rename(name, "damaged/\(target)"))
        outcome.deeds.append("\(name) was moved to damaged/\(target)")
    }

    private func closeFiles() throws(BrokerError) {
        guard let own = FileAccess(folder.path, on: folder.disk) else { return }
        try before { () throws(FileError) in
            for path in [folder.path] + InspectionReport.files(of: folder) {
                guard let access = FileAccess(path, on: folder.disk) else { continue }
                if access.isOpenToOthers {
                    try access.close()
                    outcome.deeds.append("\(path) is closed to others now (mode \(access.octal) before)")
                }
                if access.owner != own.owner, geteuid() == 0 { try access.give(to: own.owner) }
            }
        }
    }
}

import Dispatch
import Foundation
import Mailroom
import MailroomFiles
import Synchronization

/// What keeps a queue's folder in order beside the calls: the next segment made ready, checkpoints, segments that are
/// dropped. Used by the commit thread; what takes long is done on another.
final class Upkeep {
    /// What the commit thread should do next.
    enum Task {
        case nothing
        /// A newer checkpoint is there: the queue is opened with it, so that what was changed since the older one need
        /// not be kept in memory.
        case reopen
        /// Something has to be moved out of the first segment.
        case move
    }

    private let settings: QueueSettings
    private let wake: @Sendable () -> Void
    private let background = DispatchGroup()
    private let turn = CheckpointTurn()
    /// The log's first segment, as of the last look.
    private var first: UInt32 = 0
    private var lastSegment: UInt32 = 0
    private var checkpoint = Position(segment: 0, offset: 0)
    /// How much the queue's table had been told when that was found.
    private var toldBefore = 0
    /// How much of the log was on the disk when a checkpoint was last begun: without more there is nothing to write.
    private var begun: Position?
    /// Where the log ended when writing one failed.
    private var failed: Position?
    /// Set where moving has met damage: it would meet it again.
    private var isStuck = false

    /// `wake` is called on another thread when there is something new to do.
    init(_ settings: QueueSettings, wake: @escaping @Sendable () -> Void) {
        self.settings = settings
        self.wake = wake
    }

    /// Returns when what was begun has ended.
    func wait() { background.wait() }

    /// Has the next segment filled with zeros meanwhile. Where that fails, the segment is made when it is needed, and
    /// the failure is told then.
    func prepareNextSegment(of log: Log) {
        guard let number = log.nextToPrepare else { return }
        let (folder, size) = (log.folder, log.segmentSize)
        DispatchQueue.global(qos: .utility).async(group: background) {
            // Where the one before is gone, this one was used and dropped meanwhile.
            if folder.disk.exists(folder.segmentPath(number - 1)), !folder.disk.exists(folder.segmentPath(number)) {
                try? Segment.create(number, in: folder, size: size)
            }
        }
    }

    func next(for queue: FileQueue) -> Task {
        if turn.hasEnded.exchange(false, ordering: .acquiring) {
            lookAround(queue)
            if turn.hasWritten.exchange(false, ordering: .relaxed) { return .reopen }
            if turn.hasFailed.exchange(false, ordering: .relaxed) { failed = queue.log.end }
        }
        if queue.log.segment.number != lastSegment {
            lookAround(queue)
            if isFar(from: queue.opened, queue, by: 2), checkpoint > queue.opened { return .reopen }
        }
        let latest = max(checkpoint, queue.opened)
        guard isWasteful(queue) else {
            if isFar(from: latest, queue, by: 1) { writeCheckpoint(after: latest, queue) }
            return .nothing
        }
        // Only what stands before a checkpoint can be dropped.
        if first < latest.segment { return .move }
        if latest.segment < queue.log.segment.number { writeCheckpoint(after: latest, queue) }
        return .nothing
    }

    private func lookAround(_ queue: FileQueue) {
        lastSegment = queue.log.segment.number
        first = (try? queue.log.folder.segments().numbers.first) ?? 0
        let found = Checkpoint.latestPosition(in: queue.log.folder) ?? Position(segment: 0, offset: 0)
        if found > checkpoint { toldBefore = queue.table.toldCount }
        checkpoint = found
    }

    /// Whether so much was appended since a place that reading it again is worth a checkpoint: twice as many bytes as a
    /// checkpoint has, or news of half as many jobs, and in either case some segments or jobs at least.
    private func isFar(from position: Position, _ queue: FileQueue, by factor: Int) -> Bool {
        let jobs = queue.table.entries.count
        // The table of a queue that was opened since was told little as yet.
        let told = queue.table.toldCount - (position > queue.opened ? toldBefore : 0)
        if told > factor * max(400_000, jobs / 2) { return true }
        return bytes(since: position, queue) > factor * max(16 * settings.segmentSize, jobs * 192)
    }

    private func bytes(since position: Position, _ queue: FileQueue) -> Int {
        let end = queue.log.end
        let segments = Int(end.segment) - Int(max(position.segment, first))
        return segments * settings.segmentSize + Int(end.offset) - Int(position.offset)
    }

    /// Writes a checkpoint unless another process has by now written one after `latest`. Where that fails it is not tried
    /// again before a segment's worth was appended.
    private func writeCheckpoint(after latest: Position, _ queue: FileQueue) {
        guard !turn.isWriting.load(ordering: .relaxed) else { return }
        if let failed, bytes(since: failed, queue) < settings.segmentSize { return }
        guard let synced = try? queue.log.sharedWatermark(), synced != begun else { return }
        begun = synced
        failed = nil
        turn.isWriting.store(true, ordering: .relaxed)
        DispatchQueue.global(qos: .utility).async(group: background) { [settings, turn, wake] in
            do throws(BrokerError) {
                let isWritten = try CheckpointWriter.run(settings, after: latest)
                if isWritten { turn.hasWritten.store(true, ordering: .relaxed) }
            } catch {
                turn.hasFailed.store(true, ordering: .relaxed)
            }
            turn.hasEnded.store(true, ordering: .releasing)
            turn.isWriting.store(false, ordering: .relaxed)
            wake()
        }
    }

    // MARK: Dropping segments

    /// Whether more than half of the log is of no use, and the first segment can be moved out of.
    private func isWasteful(_ queue: FileQueue) -> Bool {
        guard !isStuck, first > 0, first < queue.log.segment.number else { return false }
        let size = Int(queue.log.segment.number - first) * settings.segmentSize + queue.log.tail
        let live = queue.table.liveBytes + queue.attachments.liveBytes
        return size > 2 * live + 2 * settings.segmentSize
    }

    /// Moves a piece; deletes the segment when all of it is done.
    func move(_ queue: FileQueue) throws(BrokerError) {
        guard let isDone = try locked(queue, step) else { return }
        _ = queue.takeMustSync()
        try written(queue) { () throws(FileError) in try queue.log.sync() }
        queue.log.announce()
        try queue.drop(isDone)
        first = (try? queue.log.folder.segments().numbers.first) ?? 0
    }

    private func step(_ queue: FileQueue) throws(BrokerError) -> UInt32? {
        try queue.readOn()
        let isDone: UInt32?
        do throws(BrokerError) {
            isDone = try queue.mover.step(queue, first: first)
        } catch {
            isStuck = error.code == .corrupt
            throw error
        }
        try written(queue) { () throws(FileError) in try queue.log.write() }
        return isDone
    }

    private func locked<Answer>(
        _ queue: FileQueue, _ body: (FileQueue) throws(BrokerError) -> Answer
    ) throws(BrokerError) -> Answer {
        try queue.log.lock()
        defer { queue.log.unlock() }
        return try body(queue)
    }

    private func written(_ queue: FileQueue, _ body: () throws(FileError) -> Void) throws(BrokerError) {
        do { try body() } catch { throw error.brokerError(mayHaveStored: true) }
    }
}

/// Whether a checkpoint is being written, and whether that has ended, and how, since somebody asked.
private final class CheckpointTurn: Sendable {
    let isWriting = Atomic<Bool>(false)
    let hasEnded = Atomic<Bool>(false)
    let hasWritten = Atomic<Bool>(false)
    let hasFailed = Atomic<Bool>(false)
}

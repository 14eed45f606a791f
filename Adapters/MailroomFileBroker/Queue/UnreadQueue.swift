import Foundation
import Mailroom
import MailroomFiles

/// A queue that is only appended to: a process that submits does not need to know the jobs that are there.
///
/// It takes jobs of which it knows by itself that they are new: without an idempotency key, without attachments that
/// may be stored already, and made after it was opened. What else is asked of it, a whole ``FileQueue`` has to do.
final class UnreadQueue {
    let log: Log
    /// Jobs made before are perhaps not new.
    private var since: Int64
    private let time: any TimeSource
    /// The jobs it took: they are not new a second time.
    private var taken: Set<JobID> = []
    private static let limit = 100_000

    /// Opens the queue at the end of its log; `nil` where the whole queue has to be read: it is new, damaged, or the
    /// machine was started since.
    init?(_ settings: QueueSettings, since: Date) throws(BrokerError) {
        let folder = settings.layout
        guard settings.time is SystemTimeSource,
            let file = try? folder.disk.open(folder.syncedPath, O_RDONLY), let words = try? file.bytes(16, at: 0),
            let start = Watermark.position(words), start.segment > 0,
            let segment = try? Segment.open(start.segment, in: folder), start.offset >= Segment.headerSize,
            UnreadQueue.boot(of: segment) == settings.boot
        else { return nil }
        self.since = since.milliseconds
        time = settings.time
        log = try Log(folder: folder, segmentSize: settings.segmentSize, start: start)
    }

    /// The boot that a segment's first record names.
    private static func boot(of segment: Segment) -> String? {
        let position = Position(segment: segment.number, offset: UInt32(Segment.headerSize))
        guard let bytes = try? segment.file.bytes(256, at: Segment.headerSize) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            guard let head = RecordHead(buffer), head.kind == RecordKind.boot.rawValue,
                head.isWhole(in: buffer, at: position)
            else { return nil }
            let end = RecordHead.size + Int(head.length)
            let record = StoredRecord(kind: .boot, bytes: bytes[RecordHead.size..<end], position: position)
            return try? record.boot().id
        }
    }

    /// With the lock held: goes to the end of the log. False where what is there must be looked at more closely.
    func readOn() throws(BrokerError) -> Bool {
        guard try log.lastStands() else { throw log.lost() }
        guard case .end = try log.readOn({ _ in }), try !log.hasLostWhatWasReliedUpon() else { return false }
        try log.secure()
        return true
    }

    /// Whether all of these are certainly new.
    func canTake(_ submissions: [Submission]) -> Bool {
        submissions.allSatisfy { submission in
            submission.idempotency == nil && submission.attachments.isEmpty && !taken.contains(submission.id)
                && submission.id.createdAt.milliseconds >= since
        } && (submissions.count == 1 || Set(submissions.map(\.id)).count == submissions.count)
    }

    func append(_ submissions: [Submission], _ encoded: EncodedArrivals) -> [Admission] {
        if taken.count > UnreadQueue.limit {
            taken = []
            since = time.now().milliseconds + 1
        }
        log.append(encoded.record)
        return submissions.map { submission in
            taken.insert(submission.id)
            return .queued(submission.id)
        }
    }
}

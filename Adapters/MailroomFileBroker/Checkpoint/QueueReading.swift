import Mailroom
import MailroomFiles

/// A queue read without taking part in it: nothing is written, repaired or locked.
final class QueueReading {
    private let queue: QueueFold
    private let log: Log

    init(_ settings: QueueSettings) throws(BrokerError) {
        let checkpoint = Checkpoint.latest(in: settings.layout)
        queue = QueueFold(checkpoint)
        log = try Log(folder: settings.layout, segmentSize: settings.segmentSize, start: checkpoint?.position)
    }

    var table: QueueTable { queue.table }
    var attachments: StoredAttachments { queue.attachments }
    var boot: String { queue.boot }
    var position: Position { log.end }
    /// The last record before the position, if it stands in the same segment.
    var last: (position: Position, checksum: UInt64)? {
        log.last.flatMap { $0.position.segment == position.segment ? $0 : nil }
    }

    /// Reads up to what every process has said is on the disk. Answers whether that was anything.
    func readWhatIsSynced() throws(BrokerError) -> Bool {
        let start = log.end
        let limit = try log.sharedWatermark()
        _ = try log.readOn(upTo: limit) { (record) throws(BrokerError) in try queue.apply(record, in: log.folder) }
        return log.end > start
    }
}

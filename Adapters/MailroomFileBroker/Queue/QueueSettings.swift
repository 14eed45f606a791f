import Foundation
import Mailroom
import MailroomFiles

/// What a queue is opened with.
struct QueueSettings: Sendable {
    var folder: String
    var time: any TimeSource
    var segmentSize: Int
    var disk: Disk
    /// Tells this start of the machine from others.
    var boot: String
    /// When the broker was made.
    var createdAt: Date

    var layout: FolderLayout { FolderLayout(path: folder, disk: disk) }
}

extension BrokerError.Code {
    /// A segment was deleted before it was read, as happens while another process prunes the queue; or it is missing.
    static let segmentIsGone = BrokerError.Code(rawValue: "segmentIsGone")
}

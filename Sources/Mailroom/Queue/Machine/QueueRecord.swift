package import Foundation

/// One change of a queue. A queue's state is the fold of ``QueueMachine`` over its records, in order: whoever applies
/// the same records has the same queue.
package enum QueueRecord: Sendable {
    /// Jobs came in. What is a duplicate when it is applied changes nothing.
    case enqueued([QueueMachine.Arrival])
    /// Jobs were handed out.
    case leased(QueueMachine.Grants)
    /// Leases were made longer.
    case extended([Lease.ID], until: Duration)
    /// Jobs were given back.
    case settled([Settlement], at: Date)
    /// Jobs were ended while nobody held them.
    case ended([JobID], reason: String, at: Date)
    /// Dead and held jobs were made ready again.
    case revived([JobID], at: Date)
    /// Records were removed.
    case removed([JobID], at: Date)
    /// A recipient and the content were removed from settled jobs.
    case erased([JobID], recipient: String)
    /// The machine that the queue lives on was started anew: jobs that were due may have been handed out by a lease
    /// whose record was lost.
    case restarted(at: Date)
}

extension QueueMachine {
    /// A submission on its way in, with the place of its content.
    package struct Arrival: Sendable {
        /// Without payload and attachments.
        package var header: Submission
        package var content: Content
        /// The attachments that the content names, for counting who still needs them.
        package var digests: [SHA256Digest]

        package init(header: Submission, content: Content, digests: [SHA256Digest]) {
            self.header = header
            self.content = content
            self.digests = digests
        }
    }

    /// Where a job's payload and attachments are.
    package enum Content: Sendable {
        /// Here.
        case bytes(payload: [UInt8], attachments: [Attachment.Content])
        /// In a broker's store, at a place that only the broker understands.
        case stored(segment: UInt32, offset: UInt32, length: UInt32)
        /// Gone: the job is finished.
        case none

        var isNone: Bool { if case .none = self { true } else { false } }
    }

    /// Leases handed out at one moment.
    package struct Grants: Sendable {
        package var leases: [Lease.ID]
        package var worker: String
        package var expires: Duration

        package init(leases: [Lease.ID], worker: String, expires: Duration) {
            self.leases = leases
            self.worker = worker
            self.expires = expires
        }
    }
}

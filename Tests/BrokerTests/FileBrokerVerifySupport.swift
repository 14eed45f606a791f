import Foundation
import Mailroom
import MailroomFileBroker
import MailroomFiles
import TestSupport
import XCTest

extension QueueFolder {
    func inspect() async throws -> StoreInspection {
        try await FileBroker(folder: path, time: .system, segmentSize: 16 << 10).inspectStore { _, _ in }
    }

    @discardableResult
    func repair() async throws -> StoreRepair? {
        try await FileBroker(folder: path, time: .system, segmentSize: 16 << 10).repairStore(
            onlyLooking: false, { _, _ in }, isAgreed: { _ in true })
    }

    /// The states of all jobs, by opening the queue.
    func states() async throws -> [JobID: JobState] {
        let broker = broker(segmentSize: 16 << 10)
        let sends = try await broker.jobs(matching: JobQuery(limit: 10_000)).jobs
        await broker.shutdown()
        return Dictionary(sends.map { ($0.id, $0.state) }, uniquingKeysWith: { $1 })
    }

    /// Has a segment's header name another format. Answers the segment's bytes then.
    func setFormat(_ format: UInt32, of segment: String) throws -> [UInt8] {
        var bytes = try bytes(of: segment)
        var header = ByteWriter(appendingTo: Array(bytes[..<8]))
        header.write(fixed: format)
        header.write(fixed: UInt32(1))
        header.write(fixed: UInt64(0))
        header.write(fixed: Fingerprint(of: header.bytes).rawValue)
        bytes.replaceSubrange(0..<32, with: header.bytes)
        try write(bytes, to: segment)
        return bytes
    }

    /// An id as records have it.
    static func bytes(of job: JobID) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(fixed: job.high)
        writer.write(fixed: job.low)
        return writer.bytes
    }

    /// A queue of jobs in several states, in one segment or more.
    static func filled(segmentSize: Int = 64 << 10, jobs: Int = 6) async throws -> (folder: QueueFolder, jobs: [JobID])
    {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: segmentSize)
        let attachment = Attachment.Content(Array(repeating: 7, count: 300))
        let submissions = (0..<jobs).map { index in
            makeSubmission(
                payload: Array(repeating: UInt8(index + 1), count: 80 + index * 40),
                attachments: index % 3 == 0 ? [attachment] : [])
        }
        _ = try await broker.enqueue(submissions)
        let leases = try await broker.lease(LeaseRequest(limit: jobs / 2))
        for (index, lease) in leases.enumerated() {
            _ = try await broker.settle([
                index == 0
                    ? Settlement(
                        lease.id, next: .retry(notBefore: Date().addingTimeInterval(3600)), reason: "451 later")
                    : Settlement(
                        lease.id, report: DeliveryReport(all: lease.submission.recipients, .accepted), next: .finished)
            ])
        }
        await broker.shutdown()
        return (folder, submissions.map(\.id))
    }
}

import Foundation
import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

/// A folder for one test's queue, removed with it.
final class QueueFolder: Sendable {
    /// Not there at first.
    let path: String
    private let folder = TestFolder()

    init() { path = folder.path + "/queue" }

    /// A copy of the folder as it stands at this moment, as a crash would leave it.
    func copy() throws -> QueueFolder {
        let copy = QueueFolder()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    /// A copy of the only segment while others write to it. Copied from its end to its beginning, so that no write is
    /// missing before one that is there, as on a disk whose every sync was kept.
    func copyUnderWay() throws -> QueueFolder {
        let copy = QueueFolder()
        try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: segments()[0]))
        var rest = Int(try file.seekToEnd())
        var bytes = [UInt8](repeating: 0, count: rest)
        while rest > 0 {
            let start = max(0, rest - 4096)
            try file.seek(toOffset: UInt64(start))
            let chunk = [UInt8](try file.read(upToCount: rest - start) ?? Data())
            bytes.replaceSubrange(start..<start + chunk.count, with: chunk)
            rest = start
        }
        try copy.write(bytes, to: copy.path + "/00000001.log")
        return copy
    }

    func broker(segmentSize: Int = 64 << 20) -> FileBroker {
        FileBroker(folder: path, time: .system, segmentSize: segmentSize)
    }

    func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }.sorted()
            .map { path + "/" + $0 }
    }

    func bytes(of file: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))) }

    func write(_ bytes: [UInt8], to file: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    /// Where the last byte of the log's records stands in a segment.
    func end(of segment: String) throws -> Int {
        let bytes = try bytes(of: segment)
        return (bytes.lastIndex { $0 != 0 } ?? -1) + 1
    }
}

func makeSubmission(
    payload: [UInt8] = Array("Dear member".utf8), attachments: [Attachment.Content] = [], key: String? = nil,
    notBefore: Date? = nil, queue: QueueName = .default
) -> Submission {
    let now = SystemTimeSource().now()
    return Submission(
        id: JobID(at: now, random: .system), queue: queue, messageID: "m@example.org",
        recipients: [.to("ann@example.org")],
        createdAt: now, notBefore: notBefore, expiresAt: now.addingTimeInterval(86_400),
        idempotency: key.map {
            .init(key: $0, lifetime: .seconds(3600), fingerprint: Fingerprint(of: payload))
        },
        tags: ["list": "members"], payload: payload, attachments: attachments)
}

extension FileBroker {
    /// The ids of every job on record.
    func jobs() async throws -> Set<JobID> {
        Set(try await sends(matching: SendQuery(limit: 1_000_000)).map(\.job.id))
    }
}

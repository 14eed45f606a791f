import Foundation
import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

/// `mailroom queue` as a person gives it.
final class QueueCommandTests: XCTestCase {
    /// A queue of three jobs with a wrong byte in one of them, closed.
    private func damaged() async throws -> (folder: TestFolder, path: String) {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(3)
        XCTAssertEqual(jobs.count, 3)
        _ = try await queue.submit(1)
        await queue.broker.shutdown()
        let file = "queue/00000001.log"
        var bytes = queue.folder.bytes(file)
        let place = try XCTUnwrap(bytes.firstRange(of: Array("default1@example.org".utf8))).lowerBound
        bytes[place] ^= 1
        _ = try queue.folder.file(file, bytes)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: "\(queue.folder.path)/\(file)")
        return (queue.folder, queue.folder.path + "/queue")
    }

    func testASoundQueueInUseIsVerifiedAndNotRepaired() async throws {
        let queue = try SharedQueue()
        _ = try await queue.submit(3)
        let path = queue.folder.path + "/queue"
        let verify = try await MailroomProcess.run("queue", "verify", path)
        XCTAssertEqual(verify.status, 0, verify.output + verify.errors)
        XCTAssert(verify.output.contains("sound") && verify.output.contains("3 ready"), verify.output)
        let json = try await MailroomProcess.run("queue", "verify", queue.url, "--format", "json")
        XCTAssertEqual(json.status, 0)
        XCTAssert(json.output.contains("\"sound\":true"), json.output)
        let repair = try await MailroomProcess.run("queue", "repair", path, "--yes")
        XCTAssertEqual(repair.status, 1)
        XCTAssert(repair.errors.contains("has the queue in \(path) open"), repair.errors)
        await queue.broker.shutdown()
    }

    func testDamageIsFoundSetAsideAndGone() async throws {
        let (folder, path) = try await damaged()
        let verify = try await MailroomProcess.run("queue", "verify", path)
        XCTAssertEqual(verify.status, 1, verify.output)
        XCTAssert(verify.output.contains("00000001.log at offset"), verify.output)
        let before = folder.bytes("queue/00000001.log")
        let dry = try await MailroomProcess.run("queue", "repair", path, "--dry-run")
        XCTAssertEqual(dry.status, 0, dry.errors)
        XCTAssertEqual(folder.bytes("queue/00000001.log"), before)
        let unasked = try await MailroomProcess.run("queue", "repair", path)
        XCTAssertEqual(unasked.status, 2)
        XCTAssert(unasked.errors.contains("add --yes"), unasked.errors)
        let repair = try await MailroomProcess.run("queue", "repair", path, "--yes")
        XCTAssertEqual(repair.status, 0, repair.errors)
        XCTAssert(repair.output.contains("were set aside in damaged/00000001-"), repair.output)
        XCTAssertFalse(folder.names("queue/damaged").isEmpty)
        let after = try await MailroomProcess.run("queue", "verify", path)
        XCTAssertEqual(after.status, 0, after.output)
        let monitor = try await MailroomProcess.run("monitor", "--broker", "file:\(path)")
        XCTAssertEqual(monitor.status, 0, monitor.errors)
    }

    func testWhatIsNoQueueIsRefusedWithStatusTwo() async throws {
        let folder = TestFolder()
        let cases = [
            ["queue"], ["queue", "mend"], ["queue", "verify", folder.path], ["queue", "verify", "\(folder.path)/none"],
            ["queue", "repair", folder.path, "--yes"], ["queue", "verify", folder.path, "--yes"],
            ["queue", "verify", "memory:"],
        ]
        for words in cases {
            let process = try MailroomProcess(words)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words): \(process.errors.text)")
        }
        XCTAssertEqual(folder.contents, [])
    }
}

import Foundation
import Mailroom
import MailroomFileBroker
import XCTest

final class FileBrokerTests: XCTestCase {
    func testTouchesNoFileBeforeItsFirstCall() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        await broker.shutdown()
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder.path))
    }

    func testKeepsJobsOverReopening() async throws {
        let folder = QueueFolder()
        let attachment = Attachment.Content(Array(repeating: 7, count: 10_000))
        let first = makeSubmission(payload: Array(repeating: 3, count: 5_000), attachments: [attachment])
        let second = makeSubmission(payload: [])
        let broker = folder.broker()
        let admissions = try await broker.enqueue([first, second])
        XCTAssertEqual(admissions, [.queued(first.id), .queued(second.id)])
        await broker.shutdown()

        let reopened = folder.broker()
        let leases = try await reopened.lease(LeaseRequest(limit: 10))
        XCTAssertEqual(leases.map(\.submission.id), [first.id, second.id])
        XCTAssertEqual(leases[0].submission.payload, first.payload)
        XCTAssertEqual(leases[0].submission.attachments.map(\.bytes), [attachment.bytes])
        XCTAssertEqual(leases[0].submission.attachments.map(\.digest), [attachment.digest])
        XCTAssertEqual(leases[0].submission.recipients, first.recipients)
        XCTAssertEqual(leases[0].submission.expiresAt.milliseconds, first.expiresAt.milliseconds)
        XCTAssertEqual(leases[0].submission.tags, first.tags)
        XCTAssertEqual(leases[1].submission.payload, [])
        await reopened.shutdown()
    }

    func testKeepsWhatASettlementSaysOverReopening() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let submissions = (0..<6).map { _ in makeSubmission() }
        _ = try await broker.enqueue(submissions)
        let leases = try await broker.lease(LeaseRequest(limit: 6))
        let later = SystemTimeSource().now().addingTimeInterval(600)
        let accepted = DeliveryReport([
            RecipientOutcome(
                recipient: "ann@example.org", status: .accepted,
                reply: Reply(code: 250, enhancedStatus: "2.0.0", text: "ok"),
                route: "mx1", remoteID: "Q17")
        ])
        let unknown = DeliveryReport(all: [.to("ann@example.org")], .unknown)
        let results = try await broker.settle([
            Settlement(leases[0].id, report: accepted, next: .finished, fingerprint: Fingerprint(rawValue: 5)),
            Settlement(leases[1].id, next: .retry(notBefore: later), reason: "busy"),
            Settlement(leases[2].id, next: .snooze(until: later), reason: "rate"),
            Settlement(leases[3].id, next: .release),
            Settlement(leases[4].id, next: .dead, reason: "no such user"),
            Settlement(leases[5].id, report: unknown, next: .held, reason: "in doubt"),
        ])
        XCTAssertEqual(
            results,
            [
                .settled(.finished), .settled(.scheduled), .settled(.scheduled), .settled(.ready), .settled(.dead),
                .settled(.held),
            ])
        let before = try await broker.records(of: submissions.map(\.id))
        await broker.shutdown()

        let reopened = folder.broker()
        let after = try await reopened.records(of: submissions.map(\.id))
        for (one, other) in zip(before, after) {
            XCTAssertEqual(one?.state, other?.state)
            XCTAssertEqual(one?.attempts, other?.attempts)
            XCTAssertEqual(one?.error, other?.error)
            XCTAssertEqual(one?.notBefore.milliseconds, other?.notBefore.milliseconds)
            XCTAssertEqual(one?.recipients.map(\.status), other?.recipients.map(\.status))
            XCTAssertEqual(one?.recipients.map(\.remoteID), other?.recipients.map(\.remoteID))
            XCTAssertEqual(one?.recipients.map(\.route), other?.recipients.map(\.route))
        }
        XCTAssertEqual(after[0]?.recipients[0].remoteID, "Q17")
        await reopened.shutdown()
    }

    func testKeepsWhatAPersonChangedOverReopening() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let submissions = (0..<3).map { _ in makeSubmission() }
        _ = try await broker.enqueue(submissions)
        let ended = try await broker.cancel(submissions.map(\.id), reason: "a mistake")
        XCTAssertEqual(ended.count, 3)
        let revived = try await broker.retry([submissions[0].id])
        XCTAssertEqual(revived, [submissions[0].id])
        let soon = SystemTimeSource().now().addingTimeInterval(60)
        let pruned = try await broker.prune(settledBefore: soon, states: [.dead])
        XCTAssertEqual(pruned, 2)
        await broker.shutdown()
        let reopened = folder.broker()
        let records = try await reopened.records(of: submissions.map(\.id))
        XCTAssertEqual(records.map { $0?.state }, [.ready, nil, nil])
        let counts = try await reopened.counts()
        XCTAssertEqual(counts.map(\.unsettled), [1])
        await reopened.shutdown()
    }

    func testAnswersDuplicateForAnIdOrKeyFromBeforeReopening() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let keyed = makeSubmission(key: "invoice 7")
        _ = try await broker.enqueue([keyed])
        await broker.shutdown()
        let reopened = folder.broker()
        let again = makeSubmission(key: "invoice 7")
        let fresh = makeSubmission(payload: [1, 2, 3])
        let admissions = try await reopened.enqueue([keyed, again, fresh])
        XCTAssertEqual(admissions, [.duplicate(of: keyed.id), .duplicate(of: keyed.id), .queued(fresh.id)])
        do {
            _ = try await reopened.enqueue([fresh, makeSubmission(payload: [9], key: "invoice 7")])
            XCTFail("another message took the key")
        } catch {
            XCTAssertEqual(error.code, .conflict)
            XCTAssertFalse(error.mayHaveStored)
        }
        let leases = try await reopened.lease(LeaseRequest(limit: 10))
        XCTAssertEqual(leases.map(\.submission.payload), [keyed.payload, fresh.payload])
        await reopened.shutdown()
    }

    func testStoresAnAttachmentOnceForAllJobsThatNeedIt() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let attachment = Attachment.Content((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        for _ in 0..<5 {
            _ = try await broker.enqueue((0..<20).map { _ in makeSubmission(attachments: [attachment, attachment]) })
        }
        let end = try folder.end(of: folder.segments()[0])
        XCTAssertLessThan(end, 400_000)
        let leases = try await broker.lease(LeaseRequest(limit: 200))
        XCTAssertEqual(leases.count, 100)
        XCTAssertEqual(leases[99].submission.attachments.map(\.bytes), [attachment.bytes, attachment.bytes])
        await broker.shutdown()
    }

    func testGoesOnInNewSegmentsAndDropsThoseWithNothingLeft() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 64 << 10)
        var submissions: [Submission] = []
        for _ in 0..<40 {
            let submission = makeSubmission(payload: Array(repeating: 5, count: 8_000))
            submissions.append(submission)
            _ = try await broker.enqueue([submission])
        }
        let full = try folder.segments().count
        XCTAssertGreaterThan(full, 4)
        let reader = folder.broker(segmentSize: 64 << 10)
        let seen = try await reader.jobs()
        XCTAssertEqual(seen.count, 40)
        let leases = try await broker.lease(LeaseRequest(limit: 30))
        XCTAssertEqual(leases.map(\.submission.id), submissions[..<30].map(\.id))
        XCTAssertEqual(leases.map(\.submission.payload), submissions[..<30].map(\.payload))
        _ = try await broker.settle(
            leases.map {
                Settlement($0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted), next: .finished)
            })
        let pruned = try await broker.prune(
            settledBefore: SystemTimeSource().now().addingTimeInterval(60), states: [.finished])
        XCTAssertEqual(pruned, 30)
        // Segments are dropped beside the calls.
        while try folder.segments().count >= full - 1 { _ = try await broker.counts() }
        await broker.shutdown()
        let reopened = folder.broker(segmentSize: 64 << 10)
        for broker in [reopened, reader] {
            let jobs = try await broker.jobs()
            XCTAssertEqual(jobs, Set(submissions[30...].map(\.id)))
        }
        let rest = try await reopened.lease(LeaseRequest(limit: 30))
        XCTAssertEqual(rest.map(\.submission.id), submissions[30...].map(\.id))
        await reopened.shutdown()
        await reader.shutdown()
    }

    func testGivesAccessToTheOwnerAlone() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        _ = try await broker.enqueue([makeSubmission()])
        _ = try await broker.lease(LeaseRequest())
        let files = try XCTUnwrap(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        XCTAssertGreaterThan(files.count, 3)
        for file in [""] + files {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + file)
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            XCTAssertEqual((attributes[.posixPermissions] as? NSNumber)?.intValue, isFolder ? 0o700 : 0o600, file)
        }
        await broker.shutdown()
    }

    func testRefusesAFolderThatIsNotAQueue() async throws {
        let folder = QueueFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try folder.write([1], to: folder.path + "/photo.jpg")
        let broker = folder.broker()
        do {
            _ = try await broker.enqueue([makeSubmission()])
            XCTFail("wrote into someone's folder")
        } catch {
            XCTAssertEqual(error.code, .unsupported)
            XCTAssertFalse(error.mayHaveStored)
            XCTAssertTrue(error.reason.contains("photo.jpg"), error.reason)
        }
        XCTAssertEqual(try folder.segments(), [])
        await broker.shutdown()
    }

    func testRefusesAFormatOfTheFuture() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
        let segment = try folder.segments()[0]
        var bytes = try folder.bytes(of: segment)
        bytes[8] = 3
        withUnsafeBytes(of: Fingerprint(of: Array(bytes[..<24])).rawValue.littleEndian) {
            bytes.replaceSubrange(24..<32, with: $0)
        }
        try folder.write(bytes, to: segment)
        let reopened = folder.broker()
        do {
            _ = try await reopened.counts()
            XCTFail("read a format it does not know")
        } catch {
            XCTAssertEqual(error.code, .unsupported)
            XCTAssertTrue(error.reason.contains("update"), error.reason)
        }
        await reopened.shutdown()
    }

    func testRefusesCallsAfterShutdown() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
        do {
            _ = try await broker.enqueue([makeSubmission()])
            XCTFail("took a job in after the end")
        } catch {
            XCTAssertEqual(error.code, .cancelled)
            XCTAssertFalse(error.mayHaveStored)
        }
    }

    func testSaysWhatToDoWhenTheFolderCannotBeMade() async throws {
        let folder = QueueFolder()
        try folder.write([1], to: folder.path)
        let broker = FileBroker(folder: folder.path + "/queue", time: .system)
        do {
            _ = try await broker.enqueue([makeSubmission()])
            XCTFail("made a folder inside a file")
        } catch {
            XCTAssertEqual(error.code, .unavailable)
            XCTAssertFalse(error.mayHaveStored)
            XCTAssertTrue(error.reason.contains(folder.path), error.reason)
        }
        await broker.shutdown()
    }

    func testReportsAHomeSignAndAnEmptyFolderName() {
        let context = PipelineContext(limits: PipelineLimits())
        XCTAssertEqual(FileBroker(folder: "~/queue").configurationProblems(in: context).count, 1)
        XCTAssertEqual(FileBroker(folder: "").configurationProblems(in: context).count, 1)
        XCTAssertEqual(FileBroker(folder: "/var/lib/queue").configurationProblems(in: context), [])
    }
}

import Foundation
import Mailroom
import MailroomFileBroker
import MailroomTesting
import XCTest

/// Several brokers on one folder: each has open files of its own, as processes have, so that their locks are as good.
final class FileBrokerSharingTests: XCTestCase {
    func testHandsEachJobToOneOfSeveralBrokers() async throws {
        let folder = QueueFolder()
        let brokers = (0..<3).map { _ in folder.broker(segmentSize: 128 << 10) }
        let submitted = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for broker in brokers {
                for _ in 0..<4 {
                    group.addTask {
                        var ids: [JobID] = []
                        for _ in 0..<25 {
                            let submission = makeSubmission(payload: Array(repeating: 1, count: 700))
                            _ = try await broker.enqueue([submission])
                            ids.append(submission.id)
                        }
                        return ids
                    }
                }
            }
            return try await group.reduce(into: [JobID]()) { $0 += $1 }
        }
        let leased = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for broker in brokers {
                group.addTask {
                    var ids: [JobID] = []
                    while true {
                        let leases = try await broker.lease(LeaseRequest(limit: 7))
                        if leases.isEmpty { return ids }
                        ids += leases.map(\.submission.id)
                        let results = try await broker.settle(
                            leases.map {
                                Settlement(
                                    $0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted),
                                    next: .finished)
                            })
                        XCTAssertEqual(results, leases.map { _ in .settled(.finished) })
                    }
                }
            }
            return try await group.reduce(into: [JobID]()) { $0 += $1 }
        }
        XCTAssertEqual(leased.count, 300)
        XCTAssertEqual(Set(leased), Set(submitted))
        for broker in brokers {
            let counts = try await broker.counts()
            XCTAssertEqual(counts.map { $0[.finished] }, [300])
            await broker.shutdown()
        }
    }

    func testLetsOneSubmissionThroughWhenSeveralBrokersOfferTheSameKey() async throws {
        let folder = QueueFolder()
        let brokers = (0..<4).map { _ in folder.broker() }
        let admissions = try await withThrowingTaskGroup(of: Admission.self) { group in
            for broker in brokers {
                for _ in 0..<10 {
                    group.addTask { try await broker.enqueue([makeSubmission(key: "once")])[0] }
                }
            }
            return try await group.reduce(into: [Admission]()) { $0.append($1) }
        }
        let queued = admissions.filter { if case .queued = $0 { true } else { false } }
        XCTAssertEqual(queued.count, 1)
        XCTAssertEqual(Set(admissions.map(\.jobID)).count, 1)
        for broker in brokers { await broker.shutdown() }
    }

    func testWakesAWorkerWaitingInAnotherBroker() async throws {
        let folder = QueueFolder()
        let (submitter, worker) = (folder.broker(), folder.broker())
        _ = try await worker.lease(LeaseRequest())
        let submissions = (0..<20).map { _ in makeSubmission() }
        let lease = Task { () throws(BrokerError) -> [JobID] in
            var ids: [JobID] = []
            while ids.count < 20 {
                let leases = try await worker.lease(LeaseRequest(limit: 5, wait: .seconds(20)))
                if leases.isEmpty { break }
                ids += leases.map(\.submission.id)
            }
            return ids
        }
        for submission in submissions { _ = try await submitter.enqueue([submission]) }
        let ids = try await lease.value
        XCTAssertEqual(ids, submissions.map(\.id))
        await submitter.shutdown()
        await worker.shutdown()
    }

    func testTakesOverTheLeasesOfABrokerThatEnded() async throws {
        let folder = QueueFolder()
        let submission = makeSubmission()
        let (first, second) = (folder.broker(), folder.broker())
        _ = try await first.enqueue([submission])
        let held = try await first.lease(LeaseRequest(duration: .seconds(3600), worker: "one"))
        XCTAssertEqual(held.count, 1)
        let none = try await second.lease(LeaseRequest())
        XCTAssertEqual(none.count, 0)
        let next = Task { () throws(BrokerError) -> [Lease] in
            try await second.lease(LeaseRequest(wait: .seconds(20), worker: "two"))
        }
        await first.shutdown()
        let taken = try await next.value
        XCTAssertEqual(taken.map(\.submission.id), [submission.id])
        XCTAssertEqual(taken.first?.attempt, 2)
        XCTAssertEqual(taken.first?.earlierAttemptLost, true)
        await second.shutdown()
    }

    func testTakesOverTheLeasesOfProcessesThatEndedBeforeItOpened() async throws {
        let folder = QueueFolder()
        let first = folder.broker()
        _ = try await first.enqueue([makeSubmission()])
        _ = try await first.lease(LeaseRequest(duration: .seconds(3600)))
        // A copy has the lease but nobody who holds the worker's lock.
        let copy = try folder.copy()
        let second = copy.broker()
        let leases = try await second.lease(LeaseRequest())
        XCTAssertEqual(leases.map(\.attempt), [2])
        await second.shutdown()
        await first.shutdown()
    }

    func testTellsAllWhoseLeaseWasLost() async throws {
        let folder = QueueFolder()
        let (first, second) = (folder.broker(), folder.broker())
        _ = try await first.enqueue([makeSubmission()])
        let old = try await first.lease(LeaseRequest(duration: .milliseconds(1)))
        let new = try await second.lease(LeaseRequest(wait: .seconds(20)))
        XCTAssertEqual(new.count, 1)
        let lost = try await first.extend(old.map(\.id), by: .seconds(30))
        XCTAssertEqual(lost, old.map(\.id))
        let kept = try await second.extend(new.map(\.id), by: .seconds(30))
        XCTAssertEqual(kept, [])
        let late = try await first.settle([
            Settlement(old[0].id, report: DeliveryReport(all: old[0].submission.recipients, .accepted), next: .finished)
        ])
        XCTAssertEqual(late, [.leaseLost])
        let records = try await second.records(of: [new[0].submission.id])
        XCTAssertEqual(records[0]?.recipients.map(\.status), [.sent])
        await first.shutdown()
        await second.shutdown()
    }

    func testCountsADueJobAsPerhapsHandedOutAfterARestartOfTheMachine() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let later = SystemTimeSource().now().addingTimeInterval(3600)
        let (due, scheduled) = (makeSubmission(), makeSubmission(notBefore: later))
        _ = try await broker.enqueue([due, scheduled])
        await broker.shutdown()
        try folder.pretendAnotherBoot()
        let reopened = folder.broker()
        let leases = try await reopened.lease(LeaseRequest(limit: 5))
        XCTAssertEqual(leases.map(\.submission.id), [due.id])
        XCTAssertEqual(leases.map(\.attempt), [1])
        XCTAssertEqual(leases.map(\.earlierAttemptLost), [false], "no attempt was used up")
        _ = try await reopened.settle([
            Settlement(leases[0].id, report: DeliveryReport(all: due.recipients, .accepted), next: .finished)
        ])
        let record = try await reopened.records(of: [due.id])[0]
        XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true])
        await reopened.shutdown()
    }

    func testDeliversADueJobAfterARestartOfTheMachineWhateverItsPolicy() async throws {
        let folder = QueueFolder()
        let first = try PipelineBuilder().broker(folder.broker()).transport(CaptureTransport()).retry(.never).build()
        let receipt = try await first.submit(Message(from: "a@example.org", to: [.to("b@example.org")], text: "x"))
        await first.shutdown()
        try folder.pretendAnotherBoot()
        let capture = CaptureTransport()
        let second = try PipelineBuilder().broker(folder.broker()).transport(capture).retry(.never).build()
        var options = WorkerOptions()
        options.stopsWhenEmpty = true
        try await second.run(options)
        let record = try await second.status(of: receipt.id)
        await second.shutdown()
        XCTAssertEqual(record?.state, .finished)
        XCTAssertEqual(record?.attempts, 1)
        XCTAssertEqual(capture.mails.count, 1)
    }

    func testEndsAWaitWhenTheTaskIsCancelled() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let wait = Task { () throws(BrokerError) -> [Lease] in
            try await broker.lease(LeaseRequest(wait: .seconds(600)))
        }
        wait.cancel()
        do {
            _ = try await wait.value
            XCTFail("waited on")
        } catch {
            XCTAssertEqual((error as? BrokerError)?.code, .cancelled)
        }
        await broker.shutdown()
    }
}

extension QueueFolder {
    /// Writes another boot's name over the log's first record, with the checksums that belong to it.
    fileprivate func pretendAnotherBoot() throws {
        let segment = try segments()[0]
        var bytes = try bytes(of: segment)
        let length = Int(bytes[32])
        bytes[32 + 24 + 1] ^= 1
        var words: [UInt64] = [0, 1 << 32 | 32, UInt64(length) << 32 | UInt64(bytes[36]), 0]
        words[0] = Fingerprint(of: Array(bytes[56..<56 + length])).rawValue
        for index in 0..<4 { words[3] |= UInt64(bytes[40 + index]) << UInt64(8 * index) }
        let checksum = words.withUnsafeBytes { Fingerprint(of: Array($0)) }.rawValue
        for index in 0..<8 { bytes[48 + index] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * index)) }
        try write(bytes, to: segment)
    }
}

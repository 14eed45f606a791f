import Foundation
import Mailroom
import MailroomRedisBroker
import TestSupport
import XCTest

/// Real processes on a real server that brings everything to its disk, killed and stopped.
final class RedisKillTests: XCTestCase {
    func testEveryAcknowledgedJobEndsOnceWhoeverIsKilledOrFrozenAndWhateverItsClockSays() async throws {
        let begin = ContinuousClock.now
        let rounds = 60 * FaultRounds.factor
        var trial = try RedisKillTrial()
        for round in 0..<rounds { try await trial.round(round) }
        try await trial.finish()
        try await trial.check()
        print("survived \(rounds) rounds with \(trial.summary), in \(begin.duration(to: .now))")
    }

    func testAWorkerFrozenPastItsLeaseMergesWhatItDeliveredAndDecidesNothing() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let folder = TestFolder()
        for isSettledBefore in [true, false] {
            var journal = try ChildJournal(folder.path + "/journal")
            let broker = server.broker("mailroom")
            let submission = makeSubmission()
            let begin = ContinuousClock.now
            _ = try await broker.enqueue([submission])
            let frozen = try QueueChildProcess("freeze", "redis:\(server.port)", journal, ["1000"])
            try await journal.wait(for: 1)
            XCTAssertEqual(journal.lines, [["D", "\(submission.id)", "1"]])
            frozen.signal(SIGSTOP)
            // Its lease ends by the server's clock although its process lives.
            let second = try await broker.lease(LeaseRequest(wait: .seconds(30), worker: "second"))
            XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .seconds(1))
            XCTAssertEqual(second.map(\.attempt), [2])
            XCTAssertEqual(second.map(\.earlierAttemptLost), [true])
            let refused = second.map {
                Settlement(
                    $0.id, report: DeliveryReport(all: $0.submission.recipients, .refused), next: .dead, reason: "no")
            }
            if isSettledBefore {
                let results = try await broker.settle(refused)
                XCTAssertEqual(results, [.settled(.dead)])
            }
            frozen.signal(SIGCONT)
            try frozen.go()
            try await journal.wait(for: 2)
            XCTAssertEqual(journal.lines[1], ["R", "\(submission.id)", "leaseLost", "1"])
            frozen.wait()
            var record = try await broker.records(of: [submission.id])[0]
            XCTAssertEqual(record?.recipients.map(\.status), [.sent], "what it delivered is lost")
            if isSettledBefore {
                XCTAssertEqual(record?.state, .finished, "everyone has it")
            } else {
                XCTAssertEqual(record?.state, .leased, "the second run goes on")
                let results = try await broker.settle(refused)
                XCTAssertEqual(results, [.settled(.finished)])
                record = try await broker.records(of: [submission.id])[0]
                XCTAssertEqual(record?.recipients.map(\.status), [.sent])
            }
            XCTAssertEqual(record?.attempts, 2)
            XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true])
            await broker.shutdown()
        }
    }
}

import Foundation
import Mailroom
import XCTest

/// A process that is stopped with a job in hand, past its lease, and goes on when another has the job.
struct FrozenWorker<Jobs: Broker & SendRecords> {
    private let broker: Jobs
    private let queue: String
    private let journal: String
    private let lease: Duration

    /// `queue` is the broker's as a child process is told of it, `journal` the path of a file of the test's own.
    init(_ broker: Jobs, queue: String, journal: String, lease: Duration = .milliseconds(50)) {
        self.broker = broker
        self.queue = queue
        self.journal = journal
        self.lease = lease
    }

    /// What it delivered is merged, what it decided is not, and the second run is counted.
    func check(line: UInt = #line) async throws {
        for isSettledBefore in [true, false] {
            var journal = try ChildJournal(journal)
            defer { journal.remove() }
            let submission = makeSubmission()
            let begin = ContinuousClock.now
            _ = try await broker.enqueue([submission])
            let milliseconds = lease / .milliseconds(1)
            let frozen = try QueueChildProcess("freeze", queue, journal, ["\(Int(milliseconds))"])
            try await journal.wait(for: 1)
            XCTAssertEqual(journal.lines, [["D", "\(submission.id)", "1"]], line: line)
            frozen.signal(SIGSTOP)
            // Its lease ends by the clock although its process lives.
            let second = try await broker.lease(LeaseRequest(wait: .seconds(30), worker: "second"))
            XCTAssertGreaterThanOrEqual(begin.duration(to: .now), lease, line: line)
            XCTAssertEqual(second.map(\.attempt), [2], line: line)
            XCTAssertEqual(second.map(\.earlierAttemptLost), [true], line: line)
            let refused = second.map {
                Settlement(
                    $0.id, report: DeliveryReport(all: $0.submission.recipients, .refused), next: .dead, reason: "no")
            }
            if isSettledBefore {
                let results = try await broker.settle(refused)
                XCTAssertEqual(results, [.settled(.dead)], line: line)
            }
            frozen.signal(SIGCONT)
            try frozen.go()
            try await journal.wait(for: 2)
            XCTAssertEqual(journal.lines[1], ["R", "\(submission.id)", "leaseLost", "1"], line: line)
            frozen.wait()
            var record = try await broker.records(of: [submission.id])[0]
            XCTAssertEqual(record?.recipients.map(\.status), [.sent], "what it delivered is lost", line: line)
            if isSettledBefore {
                XCTAssertEqual(record?.state, .finished, "everyone has it", line: line)
            } else {
                XCTAssertEqual(record?.state, .leased, "the second run goes on", line: line)
                let results = try await broker.settle(refused)
                XCTAssertEqual(results, [.settled(.finished)], line: line)
                record = try await broker.records(of: [submission.id])[0]
                XCTAssertEqual(record?.recipients.map(\.status), [.sent], line: line)
            }
            XCTAssertEqual(record?.attempts, 2, line: line)
            XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true], line: line)
        }
    }
}

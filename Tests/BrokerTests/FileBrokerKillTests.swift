import Foundation
import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Real processes on a real folder, killed and stopped.
final class FileBrokerKillTests: XCTestCase {
    func testEveryAcknowledgedJobEndsOnceHoweverOftenItsProcessesAreKilled() async throws {
        let begin = ContinuousClock.now
        let rounds = 200 * FaultRounds.factor
        var random = SystemRandomNumberGenerator()
        let folder = QueueFolder()
        var journal = try ChildJournal(folder.path + "-journal")
        var children = try ["submit", "work", "work"].map { try QueueChildProcess($0, folder.path, journal) }
        let words = ["submit", "work", "work"]
        var workersKilled = 0
        for _ in 0..<rounds {
            try await journal.wait(for: journal.lines.count + Int.random(in: 1...60, using: &random))
            let victim = Int.random(in: 0..<children.count, using: &random)
            XCTAssert(children[victim].isRunning, "a process ended by itself")
            children[victim].kill()
            if words[victim] == "work" { workersKilled += 1 }
            children[victim] = try QueueChildProcess(words[victim], folder.path, journal)
        }
        children[0].kill()
        for child in children { child.kill() }
        workersKilled += 2
        try journal.read()
        try await finish(folder, journal)
        try await check(folder, journal, workersKilled: workersKilled)
        let jobs = Set(journal.lines.filter { $0[0] == "A" }.map { $0[1] }).count
        print("survived \(rounds) kills with \(jobs) jobs, in \(begin.duration(to: .now))")
        journal.remove()
    }

    /// Works off what is left, as the children do.
    private func finish(_ folder: QueueFolder, _ journal: ChildJournal) async throws {
        let broker = FileBroker(folder: folder.path)
        let file = try FileHandle(forWritingTo: URL(filePath: journal.path))
        while case let leases = try await broker.lease(LeaseRequest(limit: 100, worker: "last")), !leases.isEmpty {
            var lines = ""
            for lease in leases { lines += "D \(lease.submission.id) \(lease.attempt)\n" }
            try file.seekToEnd()
            try file.write(contentsOf: Data(lines.utf8))
            _ = try await broker.settle(
                leases.map { lease in
                    let recipients = lease.submission.recipients
                    switch lease.submission.id.low & 15 {
                    case 0:
                        return Settlement(lease.id, report: .init(all: recipients, .refused), next: .dead, reason: "x")
                    case 1:
                        return Settlement(lease.id, report: .init(all: recipients, .unknown), next: .held, reason: "x")
                    default:
                        return Settlement(lease.id, report: .init(all: recipients, .accepted), next: .finished)
                    }
                })
        }
        await broker.shutdown()
    }

    private func check(_ folder: QueueFolder, _ journal: ChildJournal, workersKilled: Int) async throws {
        var journal = journal
        try journal.read()
        let broker = FileBroker(folder: folder.path)
        let page = try await broker.jobs(matching: JobQuery(limit: 10_000_000))
        await broker.shutdown()
        let records = Dictionary(page.jobs.map { ("\($0.id)", $0) }, uniquingKeysWith: { $1 })
        XCTAssertEqual(records.count, page.jobs.count, "a job is there twice")
        var deliveries: [String: Int] = [:]
        var settled: Set<String> = []
        var acknowledged: Set<String> = []
        for line in journal.lines {
            let job = String(line[1])
            switch line[0] {
            case "A": acknowledged.insert(job)
            case "D":
                XCTAssertFalse(settled.contains(job), "delivered again after its settlement was answered")
                deliveries[job, default: 0] += 1
            case "S": settled.insert(job)
            default: break
            }
        }
        for job in acknowledged {
            guard let record = records[job] else {
                XCTFail("an acknowledged job is gone: \(job)")
                continue
            }
            let low = record.id.low & 15
            XCTAssertEqual(record.state, low == 0 ? .dead : low == 1 ? .held : .finished, "\(job)")
            XCTAssertGreaterThan(deliveries[job] ?? 0, 0, "\(job) is settled and was never delivered")
        }
        var repeated = 0
        for (job, count) in deliveries {
            guard let record = records[job] else {
                XCTFail("delivered a job that is not there: \(job)")
                continue
            }
            XCTAssertLessThanOrEqual(count, record.attempts, "more deliveries than attempts: \(job)")
            let planned = record.id.low & 15 == 2 ? 2 : 1
            repeated += max(0, count - planned)
            if count > planned, record.state == .finished {
                XCTAssert(record.recipients.allSatisfy(\.isPossibleDuplicate), "sent twice and not counted: \(job)")
            }
        }
        // A worker has four jobs in hand at most.
        XCTAssertLessThanOrEqual(repeated, workersKilled * 4)
        print("\(repeated) deliveries were repeated after \(workersKilled) workers were killed")
    }

    func testNoticesOthersJobsByItsTimerWhereTheSystemTellsOfNothing() async throws {
        let strace = try Programs.path(of: "strace")
        for call in ["inotify_init1:error=EMFILE", "inotify_add_watch:error=ENOSPC", "poll:error=EINTR:when=3+2"] {
            let folder = QueueFolder()
            var journal = try ChildJournal(folder.path + "-journal")
            let broker = FileBroker(folder: folder.path)
            _ = try await broker.counts()
            let child = try QueueChildProcess(
                "freeze", folder.path, journal,
                under: [
                    strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call.prefix { $0 != ":" })", "-e",
                    "inject=\(call)",
                ])
            let deadline = ContinuousClock.now + .seconds(20)
            while try await broker.workers().isEmpty {
                guard .now < deadline, child.isRunning else { throw lacking("no process can be traced here") }
                await Task.yield()
            }
            let submission = makeSubmission()
            _ = try await broker.enqueue([submission])
            try await journal.wait(for: 1)
            XCTAssertEqual(journal.lines, [["D", "\(submission.id)", "1"]], call)
            try child.go()
            child.wait()
            await broker.shutdown()
            journal.remove()
        }
    }

    func testAWorkerFrozenPastItsLeaseMergesWhatItDeliveredAndDecidesNothing() async throws {
        let folder = QueueFolder()
        let broker = FileBroker(folder: folder.path)
        try await FrozenWorker(broker, queue: folder.path, journal: folder.path + "-journal").check()
        await broker.shutdown()
    }
}

import Foundation
import Mailroom
import MailroomRedisBroker
import TestSupport
import XCTest

/// A server and the processes on it, one that submits and two that work, of which each round kills or freezes somebody.
struct RedisKillTrial {
    /// How long the workers' leases last, by the server's clock.
    static let lease = Duration.seconds(2)
    /// How many jobs a worker has in hand at most.
    static let hand = 4

    private struct Frozen {
        let process: QueueChildProcess
        let since: ContinuousClock.Instant
    }

    private let server: RedisServer
    private let folder = TestFolder()
    private var journal: ChildJournal
    private var submitter: QueueChildProcess
    private var workers: [QueueChildProcess]
    private var frozen: [Frozen] = []
    /// Those that have been frozen and go on.
    private var woken: [QueueChildProcess] = []
    /// The workers that were killed or frozen, by their numbers.
    private(set) var stopped: Set<Substring> = []
    private var servers = 0
    private(set) var summary = ""

    init() throws {
        server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        journal = try ChildJournal(folder.path + "/journal")
        submitter = try RedisKillTrial.child("submit", server, journal)
        workers = [
            try RedisKillTrial.child("work", server, journal), try RedisKillTrial.child("work", server, journal),
        ]
    }

    /// A process whose clock may be an hour from the server's.
    private static func child(
        _ word: String, _ server: RedisServer, _ journal: ChildJournal
    ) throws -> QueueChildProcess {
        let ahead = [-3600, 0, 3600].randomElement() ?? 0
        return try QueueChildProcess(
            word, "redis:\(server.port)", journal, ["\(Int(lease / .milliseconds(1)))", "\(ahead)"])
    }

    mutating func round(_ number: Int) async throws {
        try await journal.wait(for: journal.lines.count + Int.random(in: 1...60))
        try wake()
        switch number % 12 {
        case 11:
            server.stop()
            try server.start()
            servers += 1
        case 3 where frozen.count < 2: try freeze(Int.random(in: 0..<workers.count))
        default: try kill(Int.random(in: 0...workers.count))
        }
    }

    private mutating func kill(_ victim: Int) throws {
        if victim == workers.count {
            XCTAssert(submitter.isRunning, "it ended by itself")
            submitter.kill()
            submitter = try RedisKillTrial.child("submit", server, journal)
        } else {
            try replace(victim) { $0.kill() }
        }
    }

    private mutating func freeze(_ victim: Int) throws {
        frozen.append(Frozen(process: workers[victim], since: .now))
        try replace(victim) { $0.signal(SIGSTOP) }
    }

    private mutating func replace(_ victim: Int, _ stop: (QueueChildProcess) -> Void) throws {
        let process = workers[victim]
        XCTAssert(process.isRunning, "it ended by itself")
        stop(process)
        stopped.insert("\(process.identifier)")
        workers[victim] = try RedisKillTrial.child("work", server, journal)
    }

    /// Lets those go on whose leases are over; they take part again.
    private mutating func wake() throws {
        while let first = frozen.first, first.since + RedisKillTrial.lease < .now {
            first.process.signal(SIGCONT)
            woken.append(first.process)
            frozen.removeFirst()
            if woken.count > 2 { woken.removeFirst().kill() }
        }
    }

    // MARK: The end

    /// Kills them all but those that are frozen, works off what is left, and wakes the frozen ones then.
    mutating func finish() async throws {
        submitter.kill()
        for process in workers + woken {
            process.kill()
            stopped.insert("\(process.identifier)")
        }
        let broker = server.broker("mailroom")
        try await drain(broker)
        for last in frozen {
            var job = makeSubmission()
            while job.id.low & 15 < 3 { job = makeSubmission() }
            _ = try await broker.enqueue([job])
            last.process.signal(SIGCONT)
            // It has settled what it had in hand before it takes another.
            let settled = ["S", "\(job.id)", "1", "\(last.process.identifier)"].map { $0[...] }
            while !journal.lines.contains(settled) { try await journal.wait(for: journal.lines.count + 1) }
            last.process.kill()
        }
        await broker.shutdown()
    }

    private func drain(_ broker: RedisBroker) async throws {
        let begin = ContinuousClock.now
        while let counts = try await broker.counts().first,
            counts[.ready] + counts[.leased] + counts[.scheduled] > 0
        {
            guard begin.duration(to: .now) < .seconds(60) else { return XCTFail("there is no end: \(counts)") }
            let leases = try await broker.lease(LeaseRequest(limit: 200, wait: .seconds(5), worker: "last"))
            try journal.append(leases.map { "D \($0.submission.id) \($0.attempt) last" })
            let results = try await broker.settle(leases.map(settlement))
            try journal.append(
                zip(leases, results).compactMap { lease, result in
                    guard case .settled(let state) = result, state.isSettled else { return nil }
                    return "S \(lease.submission.id) \(lease.attempt) last"
                })
        }
    }

    private func settlement(_ lease: Lease) -> Settlement {
        let recipients = lease.submission.recipients
        switch lease.submission.id.low & 15 {
        case 0: return Settlement(lease.id, report: .init(all: recipients, .refused), next: .dead, reason: "x")
        case 1: return Settlement(lease.id, report: .init(all: recipients, .unknown), next: .held, reason: "x")
        default: return Settlement(lease.id, report: .init(all: recipients, .accepted), next: .finished)
        }
    }

    mutating func check() async throws {
        try journal.read()
        let account = RedisKillAccount(journal.lines)
        let broker = server.broker("mailroom")
        var records: [JobRecord] = []
        var next: JobPage.Cursor?
        repeat {
            var query = JobQuery(limit: 5_000)
            query.after = next
            let page = try await broker.jobs(matching: query)
            records += page.jobs
            next = page.next
        } while next != nil
        await broker.shutdown()
        let repeated = account.check(against: records, stopped: stopped)
        XCTAssertLessThanOrEqual(repeated, stopped.count * RedisKillTrial.hand + account.late.count)
        summary =
            "\(records.count) jobs, \(stopped.count) workers killed or frozen, \(servers) servers killed, \(repeated) "
            + "deliveries repeated, \(account.late.count) settlements refused as late"
    }
}

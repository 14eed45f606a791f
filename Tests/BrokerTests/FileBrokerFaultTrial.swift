import Foundation
import Mailroom
import MailroomFileBroker
import MailroomFiles
import TestSupport
import XCTest

/// A queue on a simulated disk, with everything that is asked of it put down in a ledger.
final class FaultTrial {
    let disk: SimulatedDisk
    var ledger = FaultLedger()
    /// Whether the power failed, after which everything that was due counts as perhaps handed out.
    var hasLostPower = false
    /// What a failed sync has dropped may have been a lease, so that jobs count as perhaps handed out after it.
    var hasFailedToSync: Bool { disk.calls.contains { $0.kind == .sync && ($0.answer ?? 0) < 0 } }
    private let time: any TimeSource
    private let broker: (SimulatedProcess) -> FileBroker
    static let folder = "/srv/queue"
    static let address = "ann@example.org"

    /// A broker in a process of its own.
    final class Member {
        let process: SimulatedProcess
        let broker: FileBroker
        var leases: [Lease] = []

        init(_ process: SimulatedProcess, _ broker: FileBroker) {
            self.process = process
            self.broker = broker
        }
    }

    init(_ disk: SimulatedDisk, segmentSize: Int = 8 << 10, time: some TimeSource = .system) {
        self.disk = disk
        self.time = time
        broker = { process in
            FileBroker(
                folder: FaultTrial.folder, time: time, segmentSize: segmentSize, disk: Disk(process), boot: disk.bootID)
        }
    }

    func member() -> Member { member(disk.process()) }

    func member(_ process: SimulatedProcess) -> Member {
        Member(process, broker(process))
    }

    // MARK: Calls, put down

    /// Makes a call. Answers `nil` where it fails; `failed` is told whether something may have happened all the same:
    /// what a dead process says counts for nothing.
    @discardableResult
    private func call<Answer>(
        _ member: Member, _ body: (FileBroker) async throws -> Answer, failed: (Bool) -> Void = { _ in }
    ) async -> Answer? {
        do {
            let answer = try await body(member.broker)
            ledger.answered += 1
            return answer
        } catch {
            let isCertain = (error as? BrokerError)?.mayHaveStored == false && member.process.isAlive
            if let error = error as? BrokerError, member.process.isAlive {
                XCTAssertFalse(error.code == .corrupt, "nothing is damaged: \(error)")
            }
            failed(!isCertain)
            return nil
        }
    }

    @discardableResult
    func submit(_ member: Member, _ submissions: [Submission]) async -> Bool {
        let answer = await call(member) {
            try await $0.enqueue(submissions)
        } failed: { mayBe in
            ledger.submit(submissions, mayBe ? .doubtful : .no)
        }
        if answer != nil { ledger.submit(submissions, .yes) }
        return answer != nil
    }

    @discardableResult
    func lease(
        _ member: Member, _ limit: Int, duration: Duration = .seconds(3600), queue: QueueName = .default
    ) async -> [Lease] {
        let request = LeaseRequest(queues: [queue], limit: limit, duration: duration, worker: "w")
        let leases = await call(member) {
            try await $0.lease(request)
        } failed: { _ in
            for job in ledger.jobs(in: .ready, .scheduled) { ledger[job]!.mayBeHandedOut = true }
        }
        for lease in leases ?? [] {
            check(lease)
            ledger[lease.submission.id]?.isHandedOut = true
            ledger[lease.submission.id]?.mayBeHandedOut = true
            if ledger[lease.submission.id]?.arrival == .doubtful { ledger[lease.submission.id]!.arrival = .yes }
        }
        member.leases += leases ?? []
        return leases ?? []
    }

    /// A job is whole when it is handed out.
    func check(_ lease: Lease) {
        guard let entry = ledger[lease.submission.id] else {
            return XCTFail("handed out a job that nobody submitted: \(lease.submission.id)")
        }
        XCTAssertNotEqual(entry.arrival, .no, "handed out a job that was refused")
        XCTAssertNotEqual(entry.removal, .yes, "handed out a job that was removed")
        XCTAssertEqual(lease.submission.payload, entry.submission.payload)
        XCTAssertEqual(lease.submission.attachments, entry.submission.attachments)
        XCTAssertEqual(lease.submission.recipients, entry.submission.recipients)
        XCTAssertEqual(lease.submission.idempotency, entry.submission.idempotency)
        XCTAssert(
            entry.states.contains(.ready) || entry.states.contains(.scheduled),
            "handed out a job that is \(entry.states)")
    }

    func settle(_ member: Member, _ lease: Lease, _ next: Settlement.Next) async {
        member.leases.removeAll { $0.id == lease.id }
        let job = lease.submission.id
        let settlement = Settlement(lease.id, report: FaultTrial.report(lease, next), next: next, reason: "because")
        let result = await call(member) {
            try await $0.settle([settlement])[0]
        } failed: { mayBe in
            guard mayBe else { return }
            ledger.mayBe([job], FaultTrial.state(after: next))
            if next == .dead { ledger.mayBe([job], .finished, .held) }
            if next == .dead || next == .finished { ledger[job]?.mayBeOwedToNobody = true }
        }
        switch result {
        case .settled(let state)?:
            // What is given up may have arrived by what an earlier holder said late.
            let settled: Set<JobState> = [.dead, .finished, .held]
            XCTAssert(state == FaultTrial.state(after: next) || next == .dead && settled.contains(state), "\(state)")
            ledger.set([job], state)
            if next == .finished { ledger[job]?.isSent = true }
        case .leaseLost?:
            // A late fact may leave nobody to be owed anything.
            if next == .dead || next == .finished { ledger[job]?.mayBeOwedToNobody = true }
            if ledger[job]?.mayBeOwedToNobody == true { ledger.mayBe([job], .dead, .held, .finished) }
            if next == .finished {
                ledger[job]?.isSent = true
                ledger.mayBe([job], .finished)
            }
        case .unknownJob?: XCTAssertNotEqual(ledger[job]?.removal, .no, "the job is not known any more")
        case nil: break
        }
    }

    private static func report(_ lease: Lease, _ next: Settlement.Next) -> DeliveryReport? {
        switch next {
        case .finished: DeliveryReport(all: lease.submission.recipients, .accepted)
        case .retry: DeliveryReport(all: lease.submission.recipients, .refusedForNow)
        case .dead: DeliveryReport(all: lease.submission.recipients, .refused)
        case .held: DeliveryReport(all: lease.submission.recipients, .unknown)
        case .snooze, .release: nil
        }
    }

    static func state(after next: Settlement.Next) -> JobState {
        switch next {
        case .finished: .finished
        case .retry, .snooze: .scheduled
        case .release: .ready
        case .dead: .dead
        case .held: .held
        }
    }

    func extend(_ member: Member) async {
        let leases = member.leases.map(\.id)
        await call(member) { try await $0.extend(leases, by: .seconds(3600)) }
    }

    func retry(_ member: Member) async {
        let jobs = ledger.jobs(in: .dead, .held)
        let revived = await call(member) {
            try await $0.retry(jobs)
        } failed: { mayBe in
            if mayBe { ledger.mayBe(jobs, .ready) }
        }
        ledger.set(revived ?? [], .ready)
        for job in revived ?? [] { ledger[job]?.mayBeHandedOut = true }
    }

    func cancel(_ member: Member, _ jobs: [JobID]) async {
        let ended = await call(member) {
            try await $0.cancel(jobs, reason: "not wanted")
        } failed: { mayBe in
            if mayBe { ledger.mayBe(jobs, .dead, .held, .finished) }
        }
        for job in ended ?? [] { ledger[job]?.states = [.dead, .held, .finished] }
    }

    func forget(_ member: Member, _ jobs: [JobID]) async {
        let states: Set<JobState> = [.ready, .scheduled, .finished, .dead, .held]
        let removed = await call(member) {
            try await $0.forget(jobs, in: states)
        } failed: { mayBe in
            if mayBe { ledger.remove(jobs, .doubtful) }
        }
        ledger.remove(removed ?? [], .yes)
    }

    func prune(_ member: Member) async {
        let finished = ledger.jobs(in: .finished).filter { ledger[$0]!.submission.idempotency == nil }
        let limit = time.now().addingTimeInterval(60)
        let count = await call(member) {
            try await $0.prune(settledBefore: limit, states: [.finished])
        } failed: { _ in
            // Some pieces may have been removed before.
            ledger.remove(finished, .doubtful)
        }
        guard count != nil else { return }
        let certain = finished.filter { ledger[$0]!.states == [.finished] }
        ledger.remove(finished, .doubtful)
        ledger.remove(certain, .yes)
    }

    func erase(_ member: Member, _ address: String) async {
        let meant = ledger.order.filter { ledger[$0]!.submission.recipients.contains { $0.address == address } }
        let erasure = await call(member) {
            try await $0.erase(recipient: address)
        } failed: { mayBe in
            ledger.remove(meant, .doubtful)
        }
        guard let erasure else { return }
        let removed = meant.filter { !erasure.remaining.contains($0) }
        ledger.remove(removed, .yes)
        guard erasure.remaining.isEmpty else { return }
        for name in disk.names(FaultTrial.folder) {
            let bytes = disk.bytes(FaultTrial.folder + "/" + name) ?? []
            XCTAssertNil(bytes.firstRange(of: Array(address.utf8)), "\(name) still has the address that was erased")
        }
    }

    func look(_ member: Member) async {
        await call(member) { try await $0.counts() }
        await call(member) { try await $0.latestEvent() }
        await call(member) { try await $0.events(after: EventCursor(rawValue: ""), limit: 100, wait: .zero) }
        await call(member) { try await $0.workers() }
        await call(member) { try await $0.sends(matching: SendQuery(limit: 100)) }
    }
}

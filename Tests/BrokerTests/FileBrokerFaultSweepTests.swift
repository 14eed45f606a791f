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

/// How much of what takes long is done: a share of it in every run, all of it where `MAILROOM_FAULT_ROUNDS` says how often.
enum FaultRounds {
    /// How many times more than usual, 1 where nothing is said.
    static let factor = ProcessInfo.processInfo.environment["MAILROOM_FAULT_ROUNDS"].flatMap { Int($0) } ?? 1

    /// Calls to try a fault at: every so many-th, another one for each factor.
    static func calls(every step: Int, from start: Int = 0) -> StrideTo<Int> {
        stride(from: start % step, to: .max, by: max(1, step / factor))
    }
}

/// A fault at every system call of a queue's life.
final class FileBrokerFaultSweepTests: XCTestCase {
    /// Everything that a queue does, in two processes, with segments so small that checkpoints are written and segments
    /// moved and dropped.
    static func life(_ trial: FaultTrial) async -> [FaultTrial.Member] {
        let members = [trial.member(), trial.member(), trial.member()]
        await arrivals(trial, members)
        await settlements(trial, members)
        await lateFacts(trial, members)
        await administration(trial, members)
        // One that comes late begins with a checkpoint, however long the others took to write it.
        let last = trial.member()
        await trial.look(last)
        return members + [last]
    }

    private static var later: Date { SystemTimeSource().now().addingTimeInterval(3600) }

    private static func arrivals(_ trial: FaultTrial, _ members: [FaultTrial.Member]) async {
        let attachment = Attachment.Content(Array(repeating: 7, count: 600))
        await trial.submit(members[0], [makeSubmission()])
        await trial.submit(members[1], [makeSubmission(attachments: [attachment])])
        await trial.submit(members[0], [makeSubmission(key: "k"), makeSubmission(queue: "second")])
        await trial.submit(members[1], [makeSubmission()])
        await trial.submit(members[0], [makeSubmission(attachments: [attachment]), makeSubmission(notBefore: later)])
        // A process that only submits.
        await trial.submit(members[2], [makeSubmission(payload: Array(repeating: 3, count: 900))])
        await trial.submit(members[2], [makeSubmission()])
    }

    private static func settlements(_ trial: FaultTrial, _ members: [FaultTrial.Member]) async {
        let leases = await trial.lease(members[0], 4)
        await trial.extend(members[0])
        let nexts: [Settlement.Next] = [.finished, .retry(notBefore: later), .dead, .held]
        for (lease, next) in zip(leases, nexts) { await trial.settle(members[0], lease, next) }
        let others = await trial.lease(members[1], 2)
        let otherNexts: [Settlement.Next] = [.release, .snooze(until: later)]
        for (lease, next) in zip(others, otherNexts) { await trial.settle(members[1], lease, next) }
        await trial.retry(members[0])
    }

    /// The first one's lease is over before it settles.
    private static func lateFacts(_ trial: FaultTrial, _ members: [FaultTrial.Member]) async {
        let late = await trial.lease(members[0], 1, duration: .zero)
        let taken = await trial.lease(members[1], 1)
        for lease in late { await trial.settle(members[0], lease, .finished) }
        for lease in taken { await trial.settle(members[1], lease, .finished) }
    }

    private static func administration(_ trial: FaultTrial, _ members: [FaultTrial.Member]) async {
        await trial.look(members[1])
        await trial.cancel(members[0], Array(trial.ledger.jobs(in: .scheduled).prefix(1)))
        await trial.forget(members[1], Array(trial.ledger.jobs(in: .scheduled, .dead).prefix(1)))
        // More than a few segments.
        for index in 0..<6 {
            let payload = Array(repeating: UInt8(index), count: 3_000)
            await trial.submit(members[index % 2], [makeSubmission(payload: payload)])
        }
        let leases = await trial.lease(members[0], 5)
        for lease in leases { await trial.settle(members[0], lease, .finished) }
        await trial.prune(members[1])
        await trial.submit(members[0], [made(for: "bob@example.org")])
        await trial.erase(members[0], "bob@example.org")
        await trial.look(members[1])
        _ = await trial.lease(members[1], 2)
        await trial.submit(members[1], [makeSubmission()])
    }

    static func made(for address: String) -> Submission {
        let made = makeSubmission()
        return Submission(
            id: made.id, messageID: made.messageID, recipients: [.to(address)], createdAt: made.createdAt,
            expiresAt: made.expiresAt, payload: made.payload)
    }

    /// The fault at some of a life's calls, and a look at what is left each time.
    private func survive(_ fault: Fault, every step: Int, from start: Int = 0, line: UInt = #line) async {
        let begin = ContinuousClock.now
        let count = await sweep(fault, at: FaultRounds.calls(every: step, from: start), line: line) { disk in
            let trial = FaultTrial(disk)
            let members = await Self.life(trial)
            await trial.checkRecovery(members, line: line)
            trial.checkSyncs(line: line)
            disk.killAll()
            try await trial.check(line: line)
            for member in members { await member.broker.shutdown() }
        }
        print("survived \(count) rounds of: \(fault), in \(begin.duration(to: .now))")
    }

    func testALifeWithoutFaultsIsAsItShouldBe() async throws {
        let disk = SimulatedDisk()
        let trial = FaultTrial(disk)
        let begin = ContinuousClock.now
        let members = await Self.life(trial)
        let calls = disk.calls
        print("a life has \(calls.count) calls and \(trial.ledger.answered) answers, in \(begin.duration(to: .now))")
        XCTAssert(disk.names(FaultTrial.folder).contains("checkpoint"))
        XCTAssertFalse(disk.names(FaultTrial.folder).contains("00000001.log"), "no segment was dropped")
        XCTAssert(calls.contains { $0.kind == .map }, "no checkpoint was opened")
        disk.killAll()
        try await trial.check()
        for member in members { await member.broker.shutdown() }
    }

    func testSurvivesOneCallThatFails() async { await survive(.fail(EIO), every: 40) }

    func testSurvivesADiskThatFailsForEver() async { await survive(.failForEver(EIO), every: 60) }

    func testSurvivesOneCallWithoutRoom() async { await survive(.fail(ENOSPC), every: 60) }

    func testSurvivesADiskThatStaysFull() async {
        await survive(.failForEver(ENOSPC).on(.write, .allocate, .open, .makeFolder, .link, .rename), every: 60)
    }

    func testSurvivesInterruptedCalls() async { await survive(.fail(EINTR), every: 600) }

    func testSurvivesShortReadsAndWrites() async { await survive(.short, every: 60) }

    func testSurvivesDeathBeforeACall() async { await survive(.kill(.before), every: 60) }

    func testSurvivesDeathInTheMiddleOfACall() async { await survive(.kill(.during), every: 40) }

    func testSurvivesDeathAfterACall() async { await survive(.kill(.after), every: 60) }
}

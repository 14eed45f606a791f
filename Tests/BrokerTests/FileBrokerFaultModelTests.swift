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

/// Random calls of some processes, random faults, deaths and losses of power, against what a ledger says must be there.
final class FileBrokerFaultModelTests: XCTestCase {
    func testIsAsTheLedgerSaysAfterRandomCallsAndFaults() async throws {
        let begin = ContinuousClock.now
        let environment = ProcessInfo.processInfo.environment
        // One seed, or the first and the last of some: 1510, 3001-6000.
        let named = environment["MAILROOM_FAULT_SEED"]?.split(separator: "-").compactMap { UInt64($0) } ?? []
        let seeds =
            named.isEmpty ? 1...UInt64(150 * FaultRounds.factor) : named[0]...max(named[0], named[named.count - 1])
        for seed in seeds {
            let failures = testRun?.totalFailureCount ?? 0
            do { try await run(seed) } catch { XCTFail("\(error)") }
            guard testRun?.totalFailureCount ?? 0 == failures else {
                return XCTFail("seed \(seed): see it again with MAILROOM_FAULT_SEED=\(seed)")
            }
        }
        print("survived \(seeds.count) random histories, in \(begin.duration(to: .now))")
    }

    private func run(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed)
        let disk = SimulatedDisk(seed: seed)
        let trial = FaultTrial(disk)
        var members = (0..<Int.random(in: 1...3, using: &random)).map { _ in trial.member() }
        var past = members
        for _ in 0..<Int.random(in: 2...4, using: &random) {
            if Bool.random(using: &random) { plan(disk, &random) }
            for _ in 0..<Int.random(in: 5...30, using: &random) {
                for index in members.indices where !members[index].process.isAlive {
                    members[index] = trial.member()
                    past.append(members[index])
                }
                await step(trial, members[Int.random(in: 0..<members.count, using: &random)], &random)
                if disk.bootID != "boot-1" { trial.hasLostPower = true }
            }
            disk.mend()
            if Int.random(in: 0..<3, using: &random) == 0 {
                disk.losePower(keeping: Survival.allCases.randomElement(using: &random)!)
                trial.hasLostPower = true
            } else if Bool.random(using: &random) {
                members.randomElement(using: &random)!.process.kill()
            }
        }
        await trial.checkRecovery(members)
        trial.checkSyncs()
        if Bool.random(using: &random) {
            disk.killAll()
        } else {
            disk.losePower(keeping: Survival.allCases.randomElement(using: &random)!)
            trial.hasLostPower = true
        }
        try await trial.check()
        for member in past { await member.broker.shutdown() }
    }

    private func plan(_ disk: SimulatedDisk, _ random: inout SeededGenerator) {
        let faults: [Fault] = [
            .fail(EIO), .fail(ENOSPC), .fail(EINTR), .short, .kill(.before), .kill(.during), .kill(.after),
            .powerLoss(keeping: .synced), .powerLoss(keeping: .random), .powerLoss(keeping: .randomOverOldBytes),
            .fail(EIO).on(.sync), .fail(EIO).on(.write), .failForEver(EIO).on(.sync), .failForEver(ENOSPC).on(.write),
        ]
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            disk.plan(faults.randomElement(using: &random)!, atCall: Int.random(in: 0..<60, using: &random))
        }
    }

    private func step(_ trial: FaultTrial, _ member: FaultTrial.Member, _ random: inout SeededGenerator) async {
        let later = SystemTimeSource().now().addingTimeInterval(3600)
        switch Int.random(in: 0..<20, using: &random) {
        case 0...6: await submit(trial, member, &random)
        case 7...9:
            let duration: Duration = Int.random(in: 0..<4, using: &random) == 0 ? .zero : .seconds(3600)
            await trial.lease(member, Int.random(in: 1...4, using: &random), duration: duration)
        case 10...14:
            guard let lease = member.leases.randomElement(using: &random) else { return }
            let nexts: [Settlement.Next] = [
                .finished, .finished, .finished, .retry(notBefore: later), .snooze(until: later), .release, .dead,
                .held,
            ]
            await trial.settle(member, lease, nexts.randomElement(using: &random)!)
        case 15: await trial.extend(member)
        case 16: await trial.retry(member)
        case 17:
            let jobs = trial.ledger.order.shuffled(using: &random).prefix(2)
            await trial.forget(member, Array(jobs))
        case 18: await trial.prune(member)
        default:
            if Int.random(in: 0..<4, using: &random) == 0 {
                await trial.erase(member, "bob@example.org")
            } else {
                await trial.look(member)
            }
        }
    }

    private func submit(
        _ trial: FaultTrial, _ member: FaultTrial.Member, _ random: inout SeededGenerator
    ) async {
        var submissions: [Submission] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let size = [10, 100, 1_500, 5_000].randomElement(using: &random)!
            switch Int.random(in: 0..<5, using: &random) {
            case 0: submissions.append(FileBrokerFaultSweepTests.made(for: "bob@example.org"))
            case 1:
                let bytes = [UInt8](repeating: UInt8.random(in: 0...2, using: &random), count: 700)
                submissions.append(makeSubmission(attachments: [Attachment.Content(bytes)]))
            default: submissions.append(makeSubmission(payload: Array(repeating: 5, count: size)))
            }
        }
        await trial.submit(member, submissions)
        // What is in doubt may be offered again, with the same id.
        guard let first = submissions.first, trial.ledger[first.id]?.arrival == .doubtful,
            Bool.random(using: &random)
        else { return }
        await trial.submit(member, submissions)
    }
}

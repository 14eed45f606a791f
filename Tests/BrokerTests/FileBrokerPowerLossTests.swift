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

/// The power fails at every call: what was acknowledged is there, and what was handed out counts as perhaps sent.
final class FileBrokerPowerLossTests: XCTestCase {
    private func survive(_ survival: Survival, every step: Int, line: UInt = #line) async {
        let begin = ContinuousClock.now
        let calls = FaultRounds.calls(every: step)
        let count = await sweep(.powerLoss(keeping: survival), at: calls, line: line) { disk in
            let trial = FaultTrial(disk)
            let members = await FileBrokerFaultSweepTests.life(trial)
            // A run that was not cut short loses power at its end.
            disk.losePower(keeping: survival)
            trial.hasLostPower = true
            try await trial.check(line: line)
            for member in members { await member.broker.shutdown() }
        }
        print("survived \(count) losses of power keeping \(survival.rawValue), in \(begin.duration(to: .now))")
    }

    func testLosesNothingAcknowledgedWhenOnlyWhatWasSyncedIsLeft() async { await survive(.synced, every: 40) }

    func testLosesNothingAcknowledgedWhenSomeWritesAreLeft() async { await survive(.random, every: 40) }

    func testLosesNothingAcknowledgedWhenStrangeBytesAreLeft() async { await survive(.randomOverOldBytes, every: 60) }

    func testLosesNothingAcknowledgedWhenEverythingIsLeft() async { await survive(.everything, every: 120) }

    /// A process dies or its disk fails; others go on; then the power fails, which keeps only what was synced.
    private func surviveTwice(_ fault: Fault, every step: Int, from start: Int = 0, line: UInt = #line) async {
        let begin = ContinuousClock.now
        let count = await sweep(fault, at: FaultRounds.calls(every: step, from: start), line: line) { disk in
            let trial = FaultTrial(disk)
            let members = await FileBrokerFaultSweepTests.life(trial)
            disk.mend()
            let other = trial.member()
            // A segment more, so that what stands in it depends on the end of the one before.
            for index in 0..<4 {
                await trial.submit(other, [makeSubmission(payload: Array(repeating: UInt8(index), count: 3_000))])
            }
            disk.losePower(keeping: .synced)
            trial.hasLostPower = true
            try await trial.check(line: line)
            for member in members + [other] { await member.broker.shutdown() }
        }
        print("survived \(count) rounds of: \(fault); then a loss of power, in \(begin.duration(to: .now))")
    }

    func testLosesNothingWhenThePowerFailsAfterAProcessDied() async {
        await surviveTwice(.kill(.after), every: 60, from: 3)
    }

    func testLosesNothingWhenThePowerFailsAfterASyncFailed() async {
        await surviveTwice(.fail(EIO).on(.sync), every: 10)
    }

    func testLosesNothingWhenThePowerFailsAfterAWriteFailed() async {
        await surviveTwice(.fail(EIO).on(.write), every: 10)
    }

    func testLosesNoJobWhoseSegmentAnotherProcessMade() async throws {
        // The maker dies when the segment has its name, before the name is on the disk.
        let link = Fault.kill(.after).on(.link)
        for number in 0..<3 {
            let disk = SimulatedDisk(seed: UInt64(number))
            let trial = FaultTrial(disk)
            let first = trial.member()
            disk.plan(link.by(process: first.process.number), atCall: number)
            for _ in 0..<6 { await trial.submit(first, [makeSubmission(payload: Array(repeating: 1, count: 3_000))]) }
            XCTAssertFalse(first.process.isAlive)
            let second = trial.member()
            for _ in 0..<3 { await trial.submit(second, [makeSubmission(payload: Array(repeating: 2, count: 3_000))]) }
            disk.losePower(keeping: .synced)
            trial.hasLostPower = true
            try await trial.check()
            await first.broker.shutdown()
            await second.broker.shutdown()
        }
    }

    func testCountsWhatWasHandedOutBeforeALossOfPowerAsPerhapsSent() async throws {
        for survival in Survival.allCases {
            let disk = SimulatedDisk(seed: 7)
            let trial = FaultTrial(disk)
            let member = trial.member()
            for _ in 0..<6 { await trial.submit(member, [makeSubmission()]) }
            let leases = await trial.lease(member, 4)
            XCTAssertEqual(leases.count, 4)
            await trial.settle(member, leases[0], .finished)
            disk.losePower(keeping: survival)
            trial.hasLostPower = true
            try await trial.check()
            await member.broker.shutdown()
        }
    }
}

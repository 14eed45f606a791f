import Foundation
import Mailroom
import MailroomFileBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

/// A wall clock that is set forward and back by hours between calls.
final class FileBrokerClockFaultTests: XCTestCase {
    /// The machine's clock, and how far off the wall clock is.
    private final class JumpingClock: TimeSource {
        private let offset = Mutex<TimeInterval>(0)
        private let system = SystemTimeSource()

        /// Sets the wall clock to so many seconds from what it should be.
        func jump(to seconds: TimeInterval) { offset.withLock { $0 = seconds } }
        func now() -> Date { system.now().addingTimeInterval(offset.withLock { $0 }) }
        func uptime() -> Duration { system.uptime() }
        func sleep(until deadline: Duration) async throws(CancellationError) { try await system.sleep(until: deadline) }
    }

    func testLosesNothingWhenTheClockJumps() async throws {
        var random = SeededGenerator(11)
        for round in 0..<(20 * FaultRounds.factor) {
            let disk = SimulatedDisk(seed: UInt64(round))
            let clock = JumpingClock()
            let trial = FaultTrial(disk, time: clock)
            let members = [trial.member(), trial.member()]
            for _ in 0..<15 {
                clock.jump(to: Double.random(in: -18_000...18_000, using: &random))
                let member = members.randomElement(using: &random)!
                await trial.submit(member, [makeSubmission()])
                clock.jump(to: Double.random(in: -18_000...18_000, using: &random))
                guard let lease = await trial.lease(member, 1).first else { continue }
                clock.jump(to: Double.random(in: -18_000...18_000, using: &random))
                await trial.extend(member)
                await trial.settle(member, lease, Bool.random(using: &random) ? .finished : .dead)
            }
            disk.killAll()
            try await trial.check()
            for member in members { await member.broker.shutdown() }
        }
    }

    func testAJobGivenBackIsDueAtOnceAlthoughTheClockWasSetBack() async throws {
        let disk = SimulatedDisk()
        let clock = JumpingClock()
        let trial = FaultTrial(disk, time: clock)
        let member = trial.member()
        await trial.submit(member, [makeSubmission()])
        let leases = await trial.lease(member, 1)
        clock.jump(to: -7_200)
        await trial.settle(member, leases[0], .release)
        let again = await trial.lease(member, 1)
        XCTAssertEqual(again.map(\.submission.id), leases.map(\.submission.id))
        await member.broker.shutdown()
    }

    func testCountsWhatWasHandedOutAlthoughTheClockWasSetBackWithTheLossOfPower() async throws {
        for hours in [-1, -24, -350_400] {
            let disk = SimulatedDisk()
            let clock = JumpingClock()
            let trial = FaultTrial(disk, time: clock)
            let member = trial.member()
            await trial.submit(member, [makeSubmission()])
            let leases = await trial.lease(member, 1)
            disk.losePower(keeping: .synced)
            trial.hasLostPower = true
            clock.jump(to: Double(hours) * 3600)
            // Twice, so that the second start has nothing but what the first one left.
            let between = trial.member()
            await trial.look(between)
            disk.losePower(keeping: .everything)
            let other = trial.member()
            for lease in await trial.lease(other, 1) { await trial.settle(other, lease, .finished) }
            let records = try await other.broker.records(of: leases.map(\.submission.id))
            XCTAssertEqual(records.map { $0?.recipients.map(\.isPossibleDuplicate) }, [[true]], "\(hours) hours")
            disk.killAll()
            try await trial.check()
            for member in [member, between, other] { await member.broker.shutdown() }
        }
    }

    func testALeaseHoldsAlthoughTheClockIsSetForward() async throws {
        let disk = SimulatedDisk()
        let clock = JumpingClock()
        let trial = FaultTrial(disk, time: clock)
        let members = [trial.member(), trial.member()]
        await trial.submit(members[0], [makeSubmission()])
        let leases = await trial.lease(members[0], 1)
        clock.jump(to: 36_000)
        let taken = await trial.lease(members[1], 1)
        XCTAssertEqual(taken.count, 0, "the job is in somebody's hands")
        let lost = try await members[0].broker.extend(leases.map(\.id), by: .seconds(30))
        XCTAssertEqual(lost, [])
        await trial.settle(members[0], leases[0], .finished)
        for member in members { await member.broker.shutdown() }
    }
}

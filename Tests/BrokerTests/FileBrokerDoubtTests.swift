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

/// A sync fails, and what it drops is a lease of another process. Whoever knew of the failure dies.
final class FileBrokerDoubtTests: XCTestCase {
    /// A process with a job in hand, and others that opened the queue before.
    private struct Scene {
        let trial: FaultTrial
        let holder: FaultTrial.Member
        let witness: FaultTrial.Member
        let lease: Lease
    }

    /// Does something with a job in hand whose lease is gone, on disks of some seeds: by chance the system drops what it
    /// failed to write, or shows it still.
    private func withALostLease(line: UInt = #line, _ body: (Scene) async throws -> Void) async throws {
        var lost = 0
        for seed in 1...UInt64(12 * FaultRounds.factor) {
            let disk = SimulatedDisk(seed: seed)
            let trial = FaultTrial(disk)
            let (holder, witness) = (trial.member(), trial.member())
            await trial.submit(holder, [makeSubmission()])
            await trial.submit(holder, [makeSubmission()])
            await trial.look(witness)
            let before = disk.bytes(FaultTrial.folder + "/00000001.log")
            let leases = await trial.lease(holder, 1)
            let leased = disk.bytes(FaultTrial.folder + "/00000001.log")
            XCTAssertNotEqual(before, leased, line: line)
            let other = trial.member()
            disk.plan(.fail(EIO).on(.sync).by(process: other.process.number))
            await trial.submit(other, [makeSubmission()])
            other.process.kill()
            let isLost = disk.bytes(FaultTrial.folder + "/00000001.log") == before
            if isLost { lost += 1 }
            let lease = try XCTUnwrap(leases.first, line: line)
            try await body(Scene(trial: trial, holder: holder, witness: witness, lease: lease))
            disk.killAll()
            try await trial.check(line: line)
            for member in [holder, witness, other] { await member.broker.shutdown() }
        }
        XCTAssertGreaterThan(lost, 0, "no lease was lost", line: line)
    }

    /// The job's record once somebody else has been given it and has settled it.
    private func settledBy(_ member: FaultTrial.Member, _ scene: Scene) async throws -> JobRecord? {
        let leases = await scene.trial.lease(member, 2)
        for lease in leases { await scene.trial.settle(member, lease, .finished) }
        return try await member.broker.records(of: [scene.lease.submission.id])[0]
    }

    func testAnyoneWhoOpensTheQueueCountsALostLease() async throws {
        try await withALostLease { scene in
            scene.holder.process.kill()
            scene.witness.process.kill()
            let late = scene.trial.member()
            let record = try await settledBy(late, scene)
            XCTAssertEqual(record?.state, .finished)
            XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true])
            await late.broker.shutdown()
        }
    }

    func testAProcessThatHadTheQueueOpenCountsALeaseThatItNeverRead() async throws {
        try await withALostLease { scene in
            scene.holder.process.kill()
            var record = try await settledBy(scene.witness, scene)
            // Its own first sync is told of the failure.
            if record?.state != .finished { record = try await settledBy(scene.witness, scene) }
            XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true])
        }
    }

    func testAProcessThatOnlySubmitsLeavesTheDoubtToBeFound() async throws {
        try await withALostLease { scene in
            scene.holder.process.kill()
            scene.witness.process.kill()
            let submitter = scene.trial.member()
            await scene.trial.submit(submitter, [makeSubmission()])
            submitter.process.kill()
            let late = scene.trial.member()
            let record = try await settledBy(late, scene)
            XCTAssertEqual(record?.recipients.map(\.isPossibleDuplicate), [true])
            for member in [submitter, late] { await member.broker.shutdown() }
        }
    }

    /// A lease that is gone must not settle by the token of the one that took its place.
    func testTheHolderOfALostLeaseDoesNotSettleForWhoeverHasTheJobNow() async throws {
        try await withALostLease { scene in
            let late = scene.trial.member()
            let leases = await scene.trial.lease(late, 2)
            if let again = leases.first(where: { $0.submission.id == scene.lease.submission.id }) {
                XCTAssertNotEqual(again.id, scene.lease.id)
                let report = DeliveryReport(all: again.submission.recipients, .refusedForNow)
                let later = Date().addingTimeInterval(3600)
                var result: SettleResult?
                for _ in 0..<3 where result == nil {
                    let settlement = Settlement(scene.lease.id, report: report, next: .retry(notBefore: later))
                    result = try? await scene.holder.broker.settle([settlement])[0]
                }
                XCTAssertEqual(result, .leaseLost)
                await scene.trial.settle(late, again, .finished)
                let record = try await late.broker.records(of: [again.submission.id])[0]
                XCTAssertEqual(record?.state, .finished)
            }
            await late.broker.shutdown()
        }
    }

    /// Where nothing that was acted upon is gone, nobody counts anything.
    func testADeathInTheMiddleOfAWriteIsNoDoubt() async throws {
        for number in 0..<4 {
            let disk = SimulatedDisk(seed: UInt64(number))
            let trial = FaultTrial(disk)
            let (holder, other) = (trial.member(), trial.member())
            await trial.submit(holder, [makeSubmission(), makeSubmission()])
            await trial.look(other)
            disk.plan(.kill(.during).on(.write).by(process: other.process.number), atCall: number)
            await trial.lease(holder, 1)
            await trial.submit(other, [makeSubmission()])
            let late = trial.member()
            for lease in await trial.lease(late, 5) { await trial.settle(late, lease, .finished) }
            disk.killAll()
            try await trial.check()
            for member in [holder, other, late] { await member.broker.shutdown() }
        }
    }
}

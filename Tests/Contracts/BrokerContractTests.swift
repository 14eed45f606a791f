import Foundation
import Mailroom
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomTesting
import TestSupport
import XCTest

final class BrokerContractTests: XCTestCase {
    func testTheMemoryBrokerKeepsTheContract() async {
        let summary = await BrokerContract.summary { MemoryBroker(time: $0) }
        assertViolated(summary, only: ["A worker that extends or settles was seen then"])
        XCTAssertEqual(summary.notApplicable, Self.sharing, "clauses about a store that brokers share, and no others")
    }

    func testTwoFileBrokersOnOneFolderKeepTheContract() async {
        var folders: [TestFolder] = []
        let summary = await BrokerContract.summary(sharing: { clock in
            let folder = TestFolder()
            folders.append(folder)
            return (
                FileBroker(folder: folder.path + "/queue", time: clock),
                FileBroker(folder: folder.path + "/queue", time: clock)
            )
        })
        assertViolated(
            summary,
            only: [
                "Jobs in hand are listed with their worker and time left, the oldest lease first",
                "A job whose lease ran out is listed as in hand until somebody takes it",
                "Workers are listed with the queues they asked for and the jobs they hold",
                "A worker that waits without a job is listed", "A worker that extends or settles was seen then",
                "Workers of other brokers are listed, with their jobs",
            ])
        XCTAssertEqual(summary.notApplicable, [])
    }

    func testAnHonestBrokerKeepsEveryClause() async {
        let summary = await BrokerContract.summary(sharing: { clock in
            let pair = FlawedBroker.pair(.none, clock)
            return (pair[0], pair[1])
        })
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.kept, BrokerContract.clauses.map(\.name))
    }

    func testEveryClauseCatchesTheBrokerThatBreaksIt() async {
        XCTAssertEqual(BrokerContract.clauses.map(\.name), BrokerFlaws.caught.map(\.clause))
        await withTaskGroup(of: String?.self) { group in
            for (clause, (_, flaws)) in zip(BrokerContract.clauses, BrokerFlaws.caught) {
                for flaw in flaws {
                    group.addTask {
                        do {
                            let verdict = try await clause.verify(patience: .milliseconds(300)) { clock in
                                FlawedBroker.pair(flaw, clock)
                            }
                            return "“\(clause.name)” does not catch \(flaw): \(verdict)"
                        } catch let violation as ContractViolation {
                            return violation.clause == clause.name ? nil : "\(violation)"
                        } catch {
                            return "\(error)"
                        }
                    }
                }
            }
            for await miss in group { if let miss { XCTFail(miss) } }
        }
    }

    func testEveryClauseIsProvenByAFlawAndEveryFlawByAClause() {
        XCTAssertEqual(BrokerFlaws.caught.filter(\.flaws.isEmpty).map(\.clause), [], "clauses without a flaw")
        let used = Set(BrokerFlaws.caught.flatMap(\.flaws))
        XCTAssertEqual(FlawedBroker.Flaw.allCases.filter { !used.contains($0) }, [.none], "flaws without a clause")
        XCTAssertEqual(Set(BrokerContract.clauses.map(\.name)).count, BrokerContract.clauses.count, "names")
    }

    func testClausesPassOverABrokerWithoutTheAbility() async {
        let summary = await BrokerContract.summary { PlainBroker(inner: MemoryBroker(time: $0)) }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.kept.count + summary.notApplicable.count, BrokerContract.clauses.count)
        XCTAssertTrue(summary.kept.contains("A late decision is refused, whatever it is"))
        XCTAssertTrue(summary.notApplicable.contains("Counts follow a job through every state"))
        XCTAssertTrue(summary.notApplicable.contains("A feed begins before anything has happened"))
        XCTAssertTrue(summary.notApplicable.contains("Sends are listed the latest first, one a recipient"))
    }

    private static let sharing = BrokerContract.clauses.map(\.name).suffix(10).map { $0 }

    /// Requires just these clauses to be violated: what a broker is known not to keep yet. Who mends it strikes it out.
    private func assertViolated(_ summary: ContractSummary, only known: Set<String>, line: UInt = #line) {
        let unknown = summary.violations.filter { !known.contains($0.clause) }
        XCTAssertEqual(unknown.map(\.description), [], line: line)
        XCTAssertEqual(known.subtracting(summary.violations.map(\.clause)), [], "these are kept by now", line: line)
    }
}

/// A broker that keeps jobs and tells nothing.
private struct PlainBroker: Broker {
    let inner: MemoryBroker

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        try await inner.enqueue(submissions)
    }
    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] { try await inner.lease(request) }
    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] {
        try await inner.extend(leases, by: time)
    }
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        try await inner.settle(settlements)
    }
}

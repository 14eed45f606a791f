import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import XCTest

/// The contract itself: that each clause catches what it is about.
final class BrokerFlawTests: XCTestCase {
    func testAnHonestBrokerKeepsEveryClause() async {
        let summary = await BrokerContract.summary(sharing: { clock in
            let pair = FlawedBroker.pair(.none, clock)
            return (pair[0], pair[1])
        })
        assertKept(summary)
        XCTAssertEqual(summary.notApplicable, [])
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
        assertKept(summary)
        XCTAssertEqual(summary.kept.count + summary.notApplicable.count, BrokerContract.clauses.count)
        XCTAssertTrue(summary.kept.contains("A late decision is refused, whatever it is"))
        XCTAssertTrue(summary.notApplicable.contains("Counts follow a job through every state"))
        XCTAssertTrue(summary.notApplicable.contains("A feed begins before anything has happened"))
        XCTAssertTrue(summary.notApplicable.contains("Sends are listed the latest first, one a recipient"))
    }
}

/// A broker that keeps jobs and tells nothing.
private struct PlainBroker: ForwardingBroker {
    let inner: MemoryBroker
}

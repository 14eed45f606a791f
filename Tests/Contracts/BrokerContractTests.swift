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

    private static let sharing = BrokerContract.clauses.map(\.name).suffix(10).map { $0 }

    /// Requires just these clauses to be violated: what a broker is known not to keep yet. Who mends it strikes it out.
    private func assertViolated(_ summary: ContractSummary, only known: Set<String>, line: UInt = #line) {
        let unknown = summary.violations.filter { !known.contains($0.clause) }
        XCTAssertEqual(unknown.map(\.description), [], line: line)
        XCTAssertEqual(known.subtracting(summary.violations.map(\.clause)), [], "these are kept by now", line: line)
    }
}

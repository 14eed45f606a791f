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
        assertViolated(summary, only: KnownFaults.memory)
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
        assertViolated(summary, only: KnownFaults.file)
        XCTAssertEqual(summary.notApplicable, [])
    }

    private static let sharing = BrokerContract.clauses.map(\.name).suffix(10).map { $0 }
}

/// What our brokers are known not to keep yet. Who mends one strikes it out.
enum KnownFaults {
    static let memory: Set = [order, "A worker that extends or settles was seen then"]
    static let file: Set = [order, "A worker that extends or settles was seen then"]
    /// Of the machine that both have.
    static let order = "A job that a worker gives back keeps its place in line"
}

extension XCTestCase {
    /// Requires just these clauses to be violated.
    func assertViolated(_ summary: ContractSummary, only known: Set<String>, line: UInt = #line) {
        let unknown = summary.violations.filter { !known.contains($0.clause) }
        XCTAssertEqual(unknown.map(\.description), [], line: line)
        XCTAssertEqual(known.subtracting(summary.violations.map(\.clause)), [], "these are kept by now", line: line)
    }
}

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
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.notApplicable, Self.sharing, "it does not share its store")
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
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.notApplicable, [])
    }

    private static let sharing = BrokerContract.clauses.suffix(9).map(\.name)
}

import Foundation
import Mailroom
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomTesting
import TestSupport
import XCTest

final class BrokerContractTests: XCTestCase {
    func testTheMemoryBrokerKeepsTheContract() async {
        let summary = await BrokerContract.summary { MemoryBroker(time: $0) }
        assertKept(summary)
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
        assertKept(summary)
        XCTAssertEqual(summary.notApplicable, [])
    }

    func testTheRedisBrokerKeepsTheContract() async throws { try await keepTheContract(on: try RedisServer()) }

    func testTheRedisBrokerKeepsTheContractOnValkey() async throws {
        guard let program = RedisServer.valkey else { throw XCTSkip("valkey-server is not installed.") }
        let server = try RedisServer(program: program)
        try await keepTheContract(on: server)
        let check = await RedisBroker.redis("127.0.0.1", port: server.port)
            .checkConnection(until: .now + .seconds(10))[0]
        XCTAssertEqual(check.findings.first { $0.name == "server" }?.value.hasPrefix("Valkey "), true)
        XCTAssertNil(check.problem)
    }

    private func keepTheContract(on server: RedisServer) async throws {
        var count = 0
        let summary = await BrokerContract.summary(sharing: { clock in
            count += 1
            var configuration = RedisConfiguration(host: "127.0.0.1", port: server.port)
            configuration.prefix = "contract-\(count)"
            return (RedisBroker(configuration, time: clock), RedisBroker(configuration, time: clock))
        })
        assertKept(summary)
        XCTAssertEqual(summary.notApplicable, [])
    }

    private static let sharing = BrokerContract.clauses.map(\.name).suffix(10).map { $0 }
}

extension XCTestCase {
    /// Requires that no clause was violated.
    func assertKept(_ summary: ContractSummary, line: UInt = #line) {
        XCTAssertEqual(summary.violations.map(\.description), [], line: line)
    }
}

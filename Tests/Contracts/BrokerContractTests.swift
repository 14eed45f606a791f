import Foundation
import Mailroom
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomTesting
import TestSupport
import XCTest

final class BrokerContractTests: XCTestCase {
    func testTheMemoryBrokerKeepsTheContract() async throws {
        for clause in BrokerContract.clauses {
            await assertKept(clause) { MemoryBroker(time: $0) }
        }
    }

    func testTheFileBrokerKeepsTheContract() async throws {
        for clause in BrokerContract.clauses {
            let folder = TestFolder()
            await assertKept(clause) { FileBroker(folder: folder.path + "/queue", time: $0) }
        }
    }

    func testTheRedisBrokerKeepsTheContract() async throws {
        let server = try RedisServer()
        for (number, clause) in BrokerContract.clauses.enumerated() {
            var configuration = RedisConfiguration(host: "127.0.0.1", port: server.port)
            configuration.prefix = "contract-\(number)"
            await assertKept(clause) { RedisBroker(configuration, time: $0) }
        }
    }

    func testAClauseCatchesABrokerThatForgets() async throws {
        final class Forgetful: Broker {
            func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
                submissions.map { .queued($0.id) }
            }
            func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] { [] }
            func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] { [] }
            func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
                settlements.map { _ in .unknownJob }
            }
        }
        do {
            try await BrokerContract.clauses[0].verify { _ in Forgetful() }
            XCTFail("nothing was thrown")
        } catch let violation as ContractViolation {
            XCTAssertEqual(violation.clause, "Jobs come back whole and in the order of their submission")
        }
    }

    private func assertKept(_ clause: BrokerClause, _ makeBroker: (ManualClock) -> any Broker) async {
        do {
            try await clause.verify(makeBroker)
        } catch {
            XCTFail("\(error)")
        }
    }
}

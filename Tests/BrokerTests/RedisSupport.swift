import Foundation
import Mailroom
import MailroomRedisBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

extension RedisServer {
    func configuration(_ prefix: String = "test") -> RedisConfiguration {
        var configuration = RedisConfiguration(host: "127.0.0.1", port: port)
        configuration.prefix = prefix
        return configuration
    }

    func broker(_ prefix: String = "test", _ adjust: (inout RedisConfiguration) -> Void = { _ in }) -> RedisBroker {
        var configuration = configuration(prefix)
        adjust(&configuration)
        return RedisBroker(configuration)
    }
}

/// A report that every recipient of a test's submission accepted.
let everyoneAccepted = DeliveryReport(all: [.to("ann@example.org")], .accepted)

extension XCTestCase {
    /// The broker's error that something throws.
    func brokerError(
        file: StaticString = #filePath, line: UInt = #line, _ body: () async throws -> Void
    ) async -> BrokerError? {
        do {
            try await body()
            XCTFail("nothing was thrown", file: file, line: line)
        } catch let error as BrokerError {
            return error
        } catch {
            XCTFail("\(error)", file: file, line: line)
        }
        return nil
    }
}

extension RedisBroker {
    /// Leases and finishes everything that is ready; answers the jobs in their order.
    func drain(_ limit: Int = 100) async throws -> [JobID] {
        var done: [JobID] = []
        while true {
            let leases = try await lease(LeaseRequest(limit: limit, worker: "drain"))
            if leases.isEmpty { return done }
            done += leases.map(\.id.job)
            _ = try await settle(leases.map { Settlement($0.id, report: everyoneAccepted, next: .finished) })
        }
    }
}

import Foundation
import Mailroom
import MailroomSockets
import TestPrograms
import XCTest

@testable import MailroomSMTP

/// Deliveries to Postfix's smtp-sink, where it is installed.
final class SinkTests: XCTestCase {
    private func withSink(_ body: (Int) async throws -> Void) async throws {
        let port = try unusedPort { $0 }
        let sink = try RunningProgram(
            "smtp-sink", (getuid() == 0 ? ["-u", "nobody"] : []) + ["127.0.0.1:\(port)", "100"])
        defer { sink.stop() }
        let deadline = ContinuousClock.now + .seconds(10)
        while (try? TCPStream.connect(host: "127.0.0.1", port: port, deadline: deadline)) == nil {
            guard sink.isRunning, .now < deadline else { return XCTFail("smtp-sink does not listen") }
            await Task.yield()
        }
        try await body(port)
    }

    private func deliver(_ count: Int, connections: Int, workers: Int) async throws {
        try await withSink { port in
            let transport: SMTPTransport = .smtp("127.0.0.1", port: port) { $0.maximumConnections = connections }
            let outcomes = await withTaskGroup(of: [String].self) { group in
                for worker in 0..<workers {
                    group.addTask {
                        var outcomes: [String] = []
                        for index in 0..<(count / workers) {
                            guard
                                let mail = try? makeMail("m\(worker)-\(index)", to: ["b@example.org", "c@example.org"])
                            else { continue }
                            outcomes.append(await transport.outcome(of: mail))
                        }
                        return outcomes
                    }
                }
                return await group.reduce(into: [String]()) { $0 += $1 }
            }
            XCTAssertEqual(outcomes, Array(repeating: "b accepted, c accepted", count: count))
            await transport.shutdown()
        }
    }

    func testARealServerTakesManyMailsOverOneConnection() async throws {
        try await deliver(200, connections: 1, workers: 1)
    }

    func testARealServerTakesMailsSentAhead() async throws { try await deliver(400, connections: 1, workers: 8) }

    func testARealServerTakesTenDeliveriesAtOnce() async throws { try await deliver(400, connections: 10, workers: 10) }
}

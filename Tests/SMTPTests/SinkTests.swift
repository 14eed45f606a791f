import Foundation
import Mailroom
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Deliveries to Postfix's smtp-sink, where it is installed.
final class SinkTests: XCTestCase {
    private func withSink(_ options: [String] = [], _ body: (Int) async throws -> Void) async throws {
        let port = try unusedPort()
        let sink = try RunningProgram(
            "smtp-sink", (getuid() == 0 ? ["-u", "nobody"] : []) + options + ["127.0.0.1:\(port)", "100"])
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

    func testServersOfOtherKindsAreUnderstood() async throws {
        // Without ESMTP, behind a firewall that hides it, without PIPELINING, without 8BITMIME or other extensions.
        for options in [["-e"], ["-P"], ["-p"], ["-8"], ["-E", "-N", "-a"]] {
            try await withSink(options) { port in
                let transport: SMTPTransport = .smtp("127.0.0.1", port: port)
                for index in 0..<3 {
                    let outcome = await transport.outcome(of: try makeMail("m\(index)"))
                    XCTAssertEqual(outcome, "b accepted", "\(options)")
                }
                await transport.shutdown()
            }
        }
    }

    /// What the server does at a command, and what that means for the recipient.
    func testEveryFaultOfARealServerMeansWhatItShould() async throws {
        let table: [(option: String, outcomes: [String: String])] = [
            (
                "-f",  // refuses for good
                [
                    "CONNECT": "throws refused for good", "EHLO": "b accepted", "MAIL": "b refused",
                    "RCPT": "b refused", "DATA": "b refused", ".": "b refused",
                ]
            ),
            (
                "-r",  // refuses for now
                [
                    "CONNECT": "throws refused", "EHLO": "throws refused", "MAIL": "b refusedForNow",
                    "RCPT": "b refusedForNow", "DATA": "b refusedForNow", ".": "b refusedForNow",
                ]
            ),
            (
                "-Q",  // says 421 and hangs up
                [
                    "CONNECT": "throws refused", "EHLO": "throws refused", "MAIL": "throws refused",
                    "RCPT": "throws refused", "DATA": "throws refused", ".": "b refusedForNow",
                ]
            ),
            (
                "-q",  // hangs up
                [
                    "CONNECT": "throws connectionLost", "EHLO": "throws connectionLost",
                    "MAIL": "throws connectionLost", "RCPT": "throws connectionLost", "DATA": "throws connectionLost",
                    ".": "b unknown",
                ]
            ),
        ]
        for (option, outcomes) in table {
            for (command, expected) in outcomes {
                for pipelining in [true, false] {
                    try await withSink(pipelining ? [option, command] : [option, command, "-p"]) { port in
                        let transport: SMTPTransport = .smtp("127.0.0.1", port: port)
                        let outcome = await transport.outcome(of: try makeMail())
                        XCTAssertEqual(outcome, expected, "\(option) \(command)")
                        await transport.shutdown()
                    }
                }
            }
        }
    }
}

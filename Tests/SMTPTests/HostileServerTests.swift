import Foundation
import Mailroom
import MailroomMIME
import MailroomScriptedServer
import MailroomSockets
import XCTest

@testable import MailroomSMTP

/// Servers that want to be talked to for ever.
final class HostileServerTests: XCTestCase {
    /// A server that a closure plays, one connection at a time.
    private func played(_ play: @escaping @Sendable (TCPStream) -> Void) throws -> LoopbackServer {
        try LoopbackServer(receiveBuffer: 32 << 10, play)
    }

    private static let soon = Duration.seconds(20)

    /// Reads through an ending, however slowly.
    private static func read(_ stream: TCPStream, through ending: String) {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains(ending) {
            guard let count = try? stream.read(appendingTo: &bytes, deadline: .now + soon), count > 0 else { return }
        }
    }

    private static func say(_ stream: TCPStream, _ text: String) {
        try? stream.write(Array("\(text)\r\n".utf8), deadline: .now + soon)
    }

    /// Begins a reply that never ends, octet by octet.
    private static func dribble(_ stream: TCPStream) {
        while (try? stream.write(Array("2".utf8), deadline: .now + soon)) != nil { pause(stream, .milliseconds(20)) }
    }

    /// Says nothing for so long, or until the client speaks or leaves.
    private static func pause(_ stream: TCPStream, _ time: Duration) {
        var bytes: [UInt8] = []
        _ = try? stream.read(appendingTo: &bytes, deadline: .now + time)
    }

    func testAServerThatTalksWithoutEndAndReadsNothingIsLeft() async throws {
        let server = try played { stream in
            Self.say(stream, "220 hi")
            Self.read(stream, through: "EHLO client.example\r\n")
            Self.say(stream, "250-hi\r\n250 CHUNKING")
            Self.read(stream, through: "MAIL")
            Self.say(stream, "250 ok")
            Self.read(stream, through: "RCPT")
            Self.say(stream, "250 ok")
            // Never reads the chunk, and never stops.
            let noise = Array(String(repeating: "250-octets, octets\r\n", count: 4000).utf8)
            while (try? stream.write(noise, deadline: .now + Self.soon)) != nil {}
        }
        let transport = server.transport {
            $0.timeouts.data = .milliseconds(100)
            $0.chunks = true
        }
        let outcome = await transport.outcome(of: try makeMail(attachment: 4 << 20, within: .seconds(60)))
        XCTAssertTrue(["throws timedOut", "throws protocolViolation"].contains(outcome), outcome)
        let begin = ContinuousClock.now
        await transport.shutdown()
        XCTAssertLessThan(begin.duration(to: .now), .seconds(5))
        server.stop()
    }

    func testAHandshakeThatNeverEndsTimesOutThoughOctetsKeepComing() throws {
        let server = try played { stream in
            // Hello requests, which a client that is shaking hands ignores (RFC 5246 §7.4.1.1).
            let requests = Array([[22, 3, 3, 0, 4, 0, 0, 0, 0] as [UInt8]].joined())
            let noise = Array(repeatElement(requests, count: 5000).joined())
            while (try? stream.write(noise, deadline: .now + Self.soon)) != nil {}
        }
        let transport = server.transport {
            $0.security = .implicit
            $0.timeouts.command = .milliseconds(300)
        }
        let done = expectation(description: "the check ended")
        let begin = ContinuousClock.now
        Task {
            let check = await transport.checkConnection(until: .now + .seconds(1))
            XCTAssertNotNil(check.first?.problem)
            done.fulfill()
        }
        wait(for: [done], timeout: 5)
        XCTAssertLessThan(begin.duration(to: .now), .seconds(3))
        server.stop()
    }

    func testEachOfManyPipelinedCommandsHasItsOwnTimeForAnAnswer() async throws {
        let recipients = (0..<6).map { "r\($0)@example.org" }
        let server = try played { stream in
            Self.say(stream, "220 hi")
            Self.read(stream, through: "EHLO client.example\r\n")
            Self.say(stream, "250-hi\r\n250 PIPELINING")
            Self.read(stream, through: "DATA\r\n")
            // A server that looks every recipient up.
            for _ in 0..<7 {
                Self.pause(stream, .milliseconds(120))
                Self.say(stream, "250 ok")
            }
            Self.say(stream, "354 go")
            Self.read(stream, through: "\r\n.\r\n")
            Self.say(stream, "250 ok")
            Self.read(stream, through: "QUIT")
        }
        let transport = server.transport { $0.timeouts.command = .milliseconds(500) }
        let outcome = await transport.outcome(of: try makeMail(to: recipients))
        XCTAssertEqual(outcome, recipients.map { _ in "r accepted" }.joined(separator: ", "))
        await transport.shutdown()
        server.stop()
    }

    func testAServerThatAnswersOctetByOctetForEverTimesOut() async throws {
        let server = try played { stream in
            Self.say(stream, "220 hi")
            Self.read(stream, through: "EHLO client.example\r\n")
            Self.dribble(stream)
        }
        let transport = server.transport { $0.timeouts.command = .milliseconds(200) }
        let begin = ContinuousClock.now
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "throws timedOut")
        XCTAssertLessThan(begin.duration(to: .now), .seconds(2))
        await transport.shutdown()
        server.stop()
    }

    func testEndlessLinesAndCapabilitiesAreViolationsSoon() async throws {
        for noise in ["2", "250-MORE\r\n", "\r\n", "250-hi\r\n220 hi\r\n"] {
            let server = try played { stream in
                Self.say(stream, "220 hi")
                Self.read(stream, through: "EHLO client.example\r\n")
                let noise = Array(String(repeating: noise, count: 20_000).utf8)
                while (try? stream.write(noise, deadline: .now + Self.soon)) != nil {}
            }
            let transport = server.transport { _ in }
            let outcome = await transport.outcome(of: try makeMail())
            XCTAssertEqual(outcome, "throws protocolViolation")
            await transport.shutdown()
            server.stop()
        }
    }

    func testAServerThatNeverEndsItsLastWordsDelaysShutdownByMomentsOnly() async throws {
        // Everyone is refused, yet the server wants a message: the answer to the lone dot never comes to an end.
        let server = try played { stream in
            Self.say(stream, "220 hi")
            Self.read(stream, through: "EHLO client.example\r\n")
            Self.say(stream, "250-hi\r\n250 PIPELINING")
            Self.read(stream, through: "DATA\r\n")
            Self.say(stream, "250 ok\r\n550 no\r\n354 go")
            Self.dribble(stream)
        }
        let transport = server.transport { $0.timeouts.command = .milliseconds(300) }
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "b refused")
        let begin = ContinuousClock.now
        await transport.shutdown()
        XCTAssertLessThan(begin.duration(to: .now), .seconds(3))
        server.stop()
    }
}

extension LoopbackServer {
    fileprivate func transport(_ adjust: (inout SMTPConfiguration) -> Void) -> SMTPTransport {
        .smtp("127.0.0.1", port: port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 1
            adjust(&$0)
        }
    }
}

import MailroomLibraries
import TestSupport
import XCTest

@testable import MailroomSockets

final class ServerTLSTests: XCTestCase {
    private func server(
        _ fixture: TLSFixture, _ adjust: @escaping @Sendable (ScriptedHandler) -> Void = { _ in }
    ) throws -> SocketServer {
        let context = try fixture.server()
        return try SocketServer(.init()) { _ in
            let handler = ScriptedHandler.echo(context)
            adjust(handler)
            return handler
        }
    }

    private func upgrade(_ stream: TCPStream, _ fixture: TLSFixture) throws -> TLSStream {
        try stream.say("TLS!")
        XCTAssertEqual(try stream.characters(2), "go")
        return try TLSStream.client(
            over: stream, context: fixture.client(), serverName: "mail.example.org", deadline: soon)
    }

    func testAHandlerGetsAndGivesPlaintextOnceTLSHasBegun() throws {
        let fixture = try TLSFixture()
        let server = try server(fixture)
        let stream = try server.connect()
        try stream.say("clear")
        XCTAssertEqual(try stream.characters(5), "clear")
        let secured = try upgrade(stream, fixture)
        XCTAssertEqual(try secured.characters(19), "secured by TLSv1.3;")
        try secured.say("hidden")
        XCTAssertEqual(try secured.characters(6), "hidden")
        server.stop()
        XCTAssertEqual(try secured.characters(), "stopping")
    }

    func testOctetsSlippedInBeforeTheHandshakeAreDropped() throws {
        let fixture = try TLSFixture()
        let server = try server(fixture)
        for _ in 0..<20 {
            let stream = try server.connect()
            try stream.say("TLS!evil")
            XCTAssertEqual(try stream.characters(2), "go")
            let secured = try TLSStream.client(
                over: stream, context: fixture.client(), serverName: "mail.example.org", deadline: soon)
            try secured.say("fine")
            XCTAssertEqual(try secured.characters(23), "secured by TLSv1.3;fine")
        }
    }

    func testAClientThatReadsSlowlyHoldsBackAFastWriter() throws {
        let fixture = try TLSFixture()
        let total = 24 << 20
        let server = try server(fixture) { handler in
            var sent = 0
            handler.receives = { [start = handler.receives] bytes, output in
                if bytes == Array("TLS!".utf8) { return start(bytes, &output) }
                while sent < total, !output.isFull {
                    output.write([UInt8](repeating: UInt8(truncatingIfNeeded: sent >> 16), count: 65_536))
                    sent += 65_536
                }
                if sent < total { output.waitForRoom() } else { output.close() }
            }
        }
        let secured = try upgrade(server.connect(), fixture)
        try secured.say("more")
        XCTAssertEqual(try secured.characters(19), "secured by TLSv1.3;")
        var (count, isIntact) = (0, true)
        var bytes: [UInt8] = []
        while try secured.read(appendingTo: &bytes, limit: 1 << 20, deadline: soon) > 0 {
            for byte in bytes {
                isIntact = isIntact && byte == UInt8(truncatingIfNeeded: count >> 16)
                count += 1
            }
            bytes.removeAll(keepingCapacity: true)
        }
        XCTAssertEqual(count, total)
        XCTAssertTrue(isIntact)
    }

    func testMuchCanBeSentBothWaysAtOnce() throws {
        let fixture = try TLSFixture()
        let server = try server(fixture)
        let secured = try upgrade(server.connect(), fixture)
        XCTAssertEqual(try secured.characters(19), "secured by TLSv1.3;")
        for round in 0..<8 {
            let sent = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round) }
            try secured.write(sent, deadline: soon)
            XCTAssertEqual(try secured.octets(sent.count), sent)
        }
    }

    func testTheEndIsAnnouncedByTLSItself() throws {
        let fixture = try TLSFixture()
        let server = try server(fixture) { handler in
            handler.secures = { _, output in
                output.write("last word")
                output.close()
            }
        }
        let stream = try server.connect()
        try stream.say("TLS!")
        XCTAssertEqual(try stream.characters(2), "go")
        let engine = try TLSEngine(fixture.client(), serverName: "mail.example.org")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        var plaintext: [UInt8] = []
        var isShaken = false
        var hasEnded = false
        while !hasEnded {
            if !isShaken { isShaken = try engine.handshake() }
            while case let count = engine.takeOutput(into: buffer), count > 0 {
                try stream.write(Array(buffer[..<count]), deadline: soon)
            }
            if isShaken {
                switch try engine.read(into: buffer) {
                case .plaintext(let count):
                    plaintext += buffer[..<count]
                    continue
                case .end: hasEnded = true
                case .needsInput: break
                }
            }
            if hasEnded { break }
            let count = try stream.read(into: buffer, deadline: soon)
            guard count > 0 else { break }
            engine.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        XCTAssertEqual(String(decoding: plaintext, as: UTF8.self), "last word")
        XCTAssertTrue(hasEnded, "The connection ended without a notice of TLS.")
    }

    func testAHandshakeThatIsNoneEndsTheConnectionWithAnAlert() throws {
        let fixture = try TLSFixture()
        let gone = expectation(description: "gone")
        gone.expectedFulfillmentCount = 2
        let server = try server(fixture) { $0.ends = { gone.fulfill() } }
        // A record of TLS with a message that is none; and what does not even look like TLS, which OpenSSL does not answer.
        let attempts: [(octets: [UInt8], answer: UInt8?)] = [
            ([22, 3, 1, 0, 5, 99, 0, 0, 1, 0], 21), (Array("EHLO attacker.example\r\n".utf8), nil),
        ]
        for attempt in attempts {
            let stream = try server.connect()
            try stream.say("TLS!")
            XCTAssertEqual(try stream.characters(2), "go")
            try stream.write(attempt.octets, deadline: soon)
            let answer = try stream.octets()
            XCTAssertEqual(answer.first, attempt.answer, "\(answer)")
            XCTAssertLessThan(answer.count, 16)
        }
        wait(for: [gone], timeout: 10)
    }

    func testAHandshakeThatDoesNotComeIsEndedByTheTimeLimit() throws {
        let fixture = try TLSFixture()
        let server = try server(fixture) { handler in
            handler.receives = { [start = handler.receives] bytes, output in
                start(bytes, &output)
                output.restartTimer(.milliseconds(20))
            }
            handler.expires = { output in
                output.write("never in the clear")
                output.close()
            }
        }
        let stream = try server.connect()
        try stream.say("TLS!")
        XCTAssertEqual(try stream.characters(), "go")
    }

    func testAnUpgradeWhoseAnswerIsLateDropsWhatComesBeforeIt() throws {
        let fixture = try TLSFixture()
        let context = try fixture.server()
        let server = try SocketServer(.init()) { _ in
            let handler = ScriptedHandler.echo(context)
            handler.receives = { bytes, output in
                for byte in "go".utf8 {
                    output.pause(for: .milliseconds(30))
                    output.write(CollectionOfOne(byte))
                }
                output.startTLS(context)
            }
            return handler
        }
        let stream = try server.connect()
        try stream.say("TLS!")
        try stream.say("evil")
        let secured = try {
            XCTAssertEqual(try stream.characters(2), "go")
            return try TLSStream.client(
                over: stream, context: fixture.client(), serverName: "mail.example.org", deadline: soon)
        }()
        XCTAssertEqual(try secured.characters(19), "secured by TLSv1.3;")
    }

    func testServesAClientOfOpenSSL() throws {
        let fixture = try TLSFixture()
        let context = try fixture.server()
        let server = try SocketServer(.init()) { _ in
            let handler = ScriptedHandler.echo(context)
            handler.begins = { $0.startTLS(context) }
            return handler
        }
        for option in ["-tls1_3", "-tls1_2"] {
            let outcome = try Programs.run(
                "openssl",
                [
                    "s_client", "-quiet", "-no_ign_eof", "-connect", "127.0.0.1:\(server.port)", option, "-CAfile",
                    fixture.trustFile(), "-verify_return_error",
                ], input: Array("".utf8))
            XCTAssertEqual(outcome.status, 0, outcome.errors)
        }
    }
}

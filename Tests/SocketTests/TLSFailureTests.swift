import Foundation
import MailroomLibraries
import MailroomScriptedServer
import MailroomSockets
import Synchronization
import XCTest

final class TLSFailureTests: XCTestCase {
    /// Tries a handshake as a client and gives the error.
    private func failure(
        port: Int, deadline: ContinuousClock.Instant = soon, interruption: SocketInterruption = SocketInterruption()
    ) throws -> SocketError {
        let context = try TLSContext(TLSConfiguration(verifiesPeer: false))
        let stream = try TCPStream.connect(
            host: "127.0.0.1", port: port, deadline: soon, interruption: interruption)
        do throws(SocketError) {
            _ = try TLSStream.client(
                over: stream, context: context, serverName: "mail.example.org", deadline: deadline)
        } catch { return error }
        return SocketError(code: .other, description: "The handshake came about.")
    }

    func testAServerThatSaysNothingIsGivenUpAtTheDeadline() throws {
        let listener = try Listener()
        let begin = ContinuousClock.now
        let error = try failure(port: listener.port, deadline: begin + .milliseconds(20))
        XCTAssertEqual(error.code, .timedOut)
        XCTAssertTrue(error.description.contains("only after STARTTLS"), error.description)
        XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .milliseconds(20))
    }

    func testAnInterruptionEndsAHandshake() throws {
        let server = try ScriptedServer([.readThrough("\u{16}\u{3}\u{1}"), .mark("hello"), .freeze])
        let interruption = SocketInterruption()
        Task {
            _ = await server.reached("hello")
            interruption.interrupt()
        }
        XCTAssertEqual(try failure(port: server.port, interruption: interruption).code, .interrupted)
    }

    func testAServerThatSpeaksPlainTextIsNamedAsSuch() throws {
        for greeting in ["220 mail.example.org ESMTP", "HTTP/1.0 400 Bad Request", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"] {
            let server = try ScriptedServer([.reply(greeting), .stall])
            let error = try failure(port: server.port)
            XCTAssertEqual(error.code, .tlsFailed)
            XCTAssertTrue(error.description.contains("what it says is not TLS"), error.description)
            XCTAssertTrue(error.description.contains("only after STARTTLS"), error.description)
        }
    }

    func testAPeerThatLeavesDuringTheHandshakeIsNamedAsSuch() throws {
        let closing = try ScriptedServer([.readThrough("\u{16}\u{3}\u{1}"), .hangUp])
        let closed = try failure(port: closing.port)
        XCTAssertEqual(closed.code, .tlsFailed)
        XCTAssertTrue(closed.description.contains("the other side closed the connection"), closed.description)
        let breaking = try ScriptedServer([.readThrough("\u{16}\u{3}\u{1}"), .reset])
        XCTAssertEqual(try failure(port: breaking.port).code, .reset)
    }

    func testAServerOfOlderVersionsIsRefused() throws {
        let fixture = try TLSFixture()
        for version in ["-tls1_1", "-tls1"] {
            let server = try OpenSSLServer(fixture, fixture.signed(), [version, "-cipher", "DEFAULT@SECLEVEL=0"])
            let error = try failure(port: server.port)
            XCTAssertEqual(error.code, .tlsFailed)
            XCTAssertTrue(error.description.contains("does not speak TLS 1.2 or later"), error.description)
        }
    }

    func testAServerRefusesAClientThatSpeaksPlainText() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server())
        for text in ["EHLO client.example.org\r\n", "GET / HTTP/1.0\r\n\r\n", String(repeating: "\u{16}", count: 600)] {
            let stream = try TCPStream.connect(host: "127.0.0.1", port: peer.port, deadline: soon)
            try stream.write(Array(text.utf8), deadline: soon)
            XCTAssertEqual(peer.outcome(), .tlsFailed)
        }
    }

    func testAnEndWithoutNoticeIsAnEnd() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { stream in
            try stream.write("so far")
            XCTAssertEqual(try stream.text(2), "ok")
            throw CancellationError()
        }
        let stream = try peer.connect(fixture.client())
        XCTAssertEqual(try stream.text(6), "so far")
        try stream.write("ok")
        XCTAssertEqual(try stream.text(), "")
        XCTAssertEqual(peer.outcome(), .other)
    }

    func testAReadEndsAtItsDeadlineAndTheConnectionGoesOn() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { try $0.write(try $0.read(2)) }
        let stream = try peer.connect(fixture.client())
        var buffer: [UInt8] = []
        XCTAssertThrowsError(try stream.read(appendingTo: &buffer, deadline: .now + .milliseconds(10))) {
            XCTAssertEqual(($0 as? SocketError)?.code, .timedOut)
        }
        try stream.write("ok")
        XCTAssertEqual(try stream.text(), "ok")
    }

    func testAfterAFailedWriteExactlyWhatIsCountedHasReachedThePeer() throws {
        let fixture = try TLSFixture()
        for version in [TLSVersion.v1_2, .v1_3, .v1_2, .v1_3] {
            let go = DispatchSemaphore(value: 0)
            let received = Mutex(0)
            let peer = try TLSPeer(fixture.server()) { stream in
                go.wait()
                let count = try stream.read().count
                received.withLock { $0 = count }
            }
            let stream = try peer.connect(fixture.client { $0.latestVersion = version })
            let octets = [UInt8](repeating: 1, count: 64 << 20)
            var taken = 0
            XCTAssertThrowsError(
                try octets.withUnsafeBytes { try stream.write($0, taken: &taken, deadline: .now + .milliseconds(50)) }
            ) { XCTAssertEqual(($0 as? SocketError)?.code, .timedOut) }
            XCTAssertGreaterThan(taken, 0)
            XCTAssertLessThan(taken, octets.count)
            XCTAssertThrowsError(try stream.write("more")) { XCTAssertEqual(($0 as? SocketError)?.code, .closed) }
            stream.close()
            go.signal()
            XCTAssertNil(peer.outcome())
            XCTAssertEqual(received.withLock { $0 }, taken)
        }
    }

    func testAfterAConnectionBreaksOffNoMoreThanWhatIsCountedHasReachedThePeer() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { stream in
            XCTAssertEqual(try stream.read(1_000_000).count, 1_000_000)
            // Released with octets unread, which breaks the connection off.
            throw CancellationError()
        }
        let stream = try peer.connect(fixture.client())
        let octets = [UInt8](repeating: 1, count: 64 << 20)
        var taken = 0
        XCTAssertThrowsError(
            try octets.withUnsafeBytes { try stream.write($0, taken: &taken, deadline: soon) }
        ) { XCTAssertEqual(($0 as? SocketError)?.code, .reset) }
        XCTAssertGreaterThanOrEqual(taken, 1_000_000)
        XCTAssertLessThan(taken, octets.count)
    }

    func testNothingIsCountedOnceInterrupted() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { _ = try $0.read() }
        let tcp = try TCPStream.connect(host: "127.0.0.1", port: peer.port, deadline: soon)
        let stream = try TLSStream.client(
            over: tcp, context: fixture.client(), serverName: "localhost", deadline: soon)
        tcp.interrupt()
        var taken = 0
        XCTAssertThrowsError(
            try [UInt8](repeating: 1, count: 70_000).withUnsafeBytes {
                try stream.write($0, taken: &taken, deadline: soon)
            }
        ) { XCTAssertEqual(($0 as? SocketError)?.code, .interrupted) }
        XCTAssertEqual(taken, 0)
        stream.close()
    }
}

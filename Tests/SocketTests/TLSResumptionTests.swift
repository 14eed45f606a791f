import Foundation
import MailroomLibraries
import MailroomScriptedServer
import MailroomSockets
import Synchronization
import XCTest

final class TLSResumptionTests: XCTestCase {
    func testALaterConnectionTakesTheSessionUpAgain() throws {
        let fixture = try TLSFixture()
        for version in [TLSVersion.v1_2, .v1_3] {
            let peer = try TLSPeer(fixture.server()) { try $0.write("hello") }
            let client = try fixture.client { $0.latestVersion = version }
            for round in 0..<4 {
                let stream = try peer.connect(client)
                XCTAssertEqual(try stream.text(), "hello")
                XCTAssertNil(peer.outcome())
                XCTAssertEqual(stream.facts.isResumed, round > 0, "\(version), connection \(round)")
                XCTAssertEqual(stream.facts.peerCertificate?.subject, "CN=mail.example.org")
                // Whether it ends in good order makes no difference.
                if round % 2 == 1 { stream.close() }
            }
            XCTAssertEqual(peer.facts.map(\.isResumed), [false, true, true, true])
        }
    }

    func testSessionsOfAServerOfOpenSSLAreTakenUpAgain() throws {
        let fixture = try TLSFixture()
        for version in ["-tls1_2", "-tls1_3"] {
            let server = try OpenSSLServer(fixture, fixture.signed(), [version])
            let client = try fixture.client()
            for round in 0..<3 {
                let stream = try server.connect(client)
                try stream.write("ab\n")
                XCTAssertEqual(try stream.text(3), "ba\n")
                XCTAssertEqual(stream.facts.isResumed, round > 0, "\(version), connection \(round)")
                stream.close()
            }
        }
    }

    func testASessionIsGoodForItsNameAndPortAndContextOnly() throws {
        let fixture = try TLSFixture()
        let server = try fixture.server()
        let (first, second) = (
            try TLSPeer(server) { try $0.write("hello") }, try TLSPeer(server) { try $0.write("hello") }
        )
        let client = try fixture.client()
        XCTAssertEqual(try first.connect(client).text(), "hello")
        for (peer, context, name) in [
            (second, client, "mail.example.org"), (first, client, "localhost"),
            (first, try fixture.client(), "mail.example.org"),
        ] {
            let stream = try peer.connect(context, name: name)
            XCTAssertEqual(try stream.text(), "hello")
            XCTAssertFalse(stream.facts.isResumed)
        }
        XCTAssertThrowsError(try first.connect(client, name: "other.example.org")) {
            XCTAssertEqual(($0 as? SocketError)?.code, .certificateRefused)
        }
    }

    func testATicketIsUsedOnce() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { try $0.write("hello") }
        let client = try fixture.client()
        XCTAssertEqual(try peer.connect(client).text(), "hello")
        // The server gave two tickets, and the connections that use them read no new ones.
        XCTAssertEqual(try (0..<3).map { _ in try peer.connect(client).facts.isResumed }, [true, true, false])
    }

    func testAServerThatForgotItsSessionsIsGreetedAnew() throws {
        let fixture = try TLSFixture()
        for version in [TLSVersion.v1_2, .v1_3] {
            let client = try fixture.client { $0.latestVersion = version }
            let (old, new) = (try fixture.server(), try fixture.server())
            let isNew = Mutex(false)
            let server = try LoopbackServer { stream in
                let context = isNew.withLock { $0 } ? new : old
                guard let stream = try? TLSStream.server(over: stream, context: context, deadline: soon) else { return }
                try? stream.write("hello")
                stream.close()
            }
            for expected in [false, true, false, true] {
                let stream = try TLSStream.client(
                    over: TCPStream.connect(host: "127.0.0.1", port: server.port, deadline: soon), context: client,
                    serverName: "localhost", deadline: soon)
                XCTAssertEqual(try stream.text(), "hello")
                XCTAssertEqual(stream.facts.isResumed, expected)
                if expected { isNew.withLock { $0 = true } }
                stream.close()
            }
            server.stop()
        }
    }

    func testManyThreadsShareOneContext() throws {
        let fixture = try TLSFixture()
        let server = try fixture.server()
        let client = try fixture.client()
        let peers = try (0..<4).map { _ in try TLSPeer(server) { try $0.write("hello") } }
        let finished = expectation(description: "finished")
        finished.expectedFulfillmentCount = 8
        let resumed = Mutex(0)
        for index in 0..<8 {
            Thread.detachNewThread {
                for _ in 0..<20 {
                    do {
                        let stream = try peers[index % 4].connect(client, name: "localhost")
                        XCTAssertEqual(try stream.text(), "hello")
                        if stream.facts.isResumed { resumed.withLock { $0 += 1 } }
                        stream.close()
                    } catch { XCTFail("\(error)") }
                }
                finished.fulfill()
            }
        }
        wait(for: [finished], timeout: 60)
        XCTAssertGreaterThan(resumed.withLock { $0 }, 100)
    }

    func testTicketsThatWaitOnAnIdleConnectionAreNoInput() throws {
        let fixture = try TLSFixture()
        let go = DispatchSemaphore(value: 0)
        let peer = try TLSPeer(fixture.server()) { stream in
            go.wait()
            try stream.write("xy")
            go.wait()
        }
        let tcp = try TCPStream.connect(host: "127.0.0.1", port: peer.port, deadline: soon)
        let client = try fixture.client()
        let stream = try TLSStream.client(over: tcp, context: client, serverName: "localhost", deadline: soon)
        wait(until: tcp.hasInput)
        XCTAssertFalse(stream.hasInput)
        XCTAssertFalse(tcp.hasInput, "the tickets were not dealt with")
        go.signal()
        wait(until: tcp.hasInput)
        XCTAssertTrue(stream.hasInput)
        XCTAssertEqual(try stream.text(1), "x")
        XCTAssertTrue(stream.hasInput)
        XCTAssertEqual(try stream.text(1), "y")
        XCTAssertFalse(stream.hasInput)
        go.signal()
        wait(until: tcp.hasInput)
        XCTAssertTrue(stream.hasInput)
        XCTAssertEqual(try stream.text(), "")
    }

    func testTicketsOfAServerOfOpenSSLAreNoInput() throws {
        let fixture = try TLSFixture()
        let server = try OpenSSLServer(fixture, fixture.signed(), ["-tls1_3", "-num_tickets", "5"])
        let tcp = try TCPStream.connect(host: "127.0.0.1", port: server.port, deadline: soon)
        let stream = try TLSStream.client(
            over: tcp, context: fixture.client(), serverName: "localhost", deadline: soon)
        wait(until: tcp.hasInput)
        while tcp.hasInput { XCTAssertFalse(stream.hasInput) }
        try stream.write("still fine\n")
        XCTAssertEqual(try stream.text(11), "enif llits\n")
    }

    private func wait(until condition: @autoclosure () -> Bool) {
        let end = soon
        while !condition() {
            guard ContinuousClock.now < end else { return XCTFail("it did not come") }
            sched_yield()
        }
    }
}

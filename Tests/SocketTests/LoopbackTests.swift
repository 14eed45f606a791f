import XCTest

@testable import MailroomSockets

final class LoopbackTests: XCTestCase {
    private var deadline: ContinuousClock.Instant { .now + .seconds(10) }

    func testKnowsThisMachineByNameAndByEveryWayToWriteItsAddress() {
        for host in [
            "localhost", "LocalHost", "127.0.0.1", "127.255.255.254", "127.1", "::1", "0:0:0:0:0:0:0:1",
            "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "::ffff:7f00:1",
        ] {
            XCTAssertTrue(isLoopback(host: host), host)
        }
    }

    func testTakesNothingElseForThisMachine() {
        for host in [
            "", "127.example.org", "127.0.0.1.example.org", "::1.example.org", "localhost.example.org", "0.0.0.0", "::",
            "128.0.0.1", "192.0.2.127", "::2", "::ffff:128.0.0.1", "2001:db8::127.0.0.1", "7f00::", "localhost\0",
            "127.0.0.1\0.example.org",
        ] {
            XCTAssertFalse(isLoopback(host: host), host)
        }
    }

    func testAStreamKnowsItsPeersAddressOnBothSides() throws {
        let listener = try TCPListener()
        let client = try TCPStream.connect(host: "localhost", port: listener.port, deadline: deadline)
        let server = try listener.accept(
            deadline: deadline, interruption: SocketInterruption(), streamInterruption: SocketInterruption())
        XCTAssertEqual(client.remoteHost, "127.0.0.1")
        XCTAssertEqual(client.remoteAddress, "127.0.0.1:\(listener.port)")
        XCTAssertEqual(server.remoteHost, "127.0.0.1")
    }
}

import MailroomSockets
import XCTest

@testable import MailroomCapture

final class LoopbackHostTests: XCTestCase {
    func testTurnsOtherNamesAwayHoweverThisMachinesNameIsWritten() throws {
        let server = try TestServer { $0.webHost = "LOCALHOST" }
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages", host: "evil.example").status, 421)
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages", host: "localhost").status, 200)
    }

    func testKnowsWhetherOthersCanReachThePage() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"] {
            XCTAssertTrue(isLoopback(host: host), host)
        }
        for host in ["0.0.0.0", "::", "192.0.2.1", "127.example.org", ""] {
            XCTAssertFalse(isLoopback(host: host), host)
        }
    }
}

import MailroomCapture
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

/// Rules and TLS through the server's own interfaces.
final class CaptureRulesTests: XCTestCase {
    private func converse(_ server: TestServer, _ text: String) throws -> String {
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.ports.smtp, timeout: .seconds(10))
        try stream.write(Array(text.utf8), deadline: .now + .seconds(10))
        return try stream.rest()
    }

    func testRulesAreGivenAtTheStartAndChangedFromSwift() throws {
        let server = try TestServer {
            $0.rules = [try! CaptureRule(parsing: "noop limit=1 reply='451 4.3.0 Later'")]
            $0.seed = 3
        }
        XCTAssertTrue(try converse(server, "NOOP\r\nNOOP\r\nQUIT\r\n").contains("451 4.3.0 Later\r\n250 2.0.0 Ok\r\n"))
        XCTAssertEqual(server.server.ruleHits, [1])
        var rule = CaptureRule(.noop)
        rule.reply = CaptureRule.Reply(250, "Still here")
        server.server.rules = [rule]
        XCTAssertTrue(try converse(server, "NOOP\r\nQUIT\r\n").contains("\r\n250 Still here\r\n"))
        server.server.setRules([], seed: 4)
        XCTAssertEqual(server.server.rules, [])
    }

    func testRulesAreChangedOverHTTPWhileClientsAreConnected() throws {
        let server = try TestServer()
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.ports.smtp, timeout: .seconds(10))
        _ = try stream.read(until: "\r\n")
        let body = "noop reply='450 4.2.0 By rule'"
        let web = try TCPStream.connect(host: "127.0.0.1", port: server.ports.web, timeout: .seconds(10))
        let head =
            "PUT /api/rules HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\nConnection: close"
        try web.write(Array("\(head)\r\n\r\n\(body)".utf8), deadline: .now + .seconds(10))
        let answer = try web.rest()
        XCTAssertTrue(answer.hasPrefix("HTTP/1.1 200 "), answer)
        try stream.write(Array("NOOP\r\n".utf8), deadline: .now + .seconds(10))
        XCTAssertEqual(try stream.read(until: "\r\n"), "450 4.2.0 By rule\r\n")
        XCTAssertEqual(server.server.ruleHits, [1])
        XCTAssertEqual(try server.ask("DELETE", "/api/rules").status, 200)
        try stream.write(Array("NOOP\r\n".utf8), deadline: .now + .seconds(10))
        XCTAssertEqual(try stream.read(until: "\r\n"), "250 2.0.0 Ok\r\n")
    }

    func testTheServersCertificateMayBeTrustedByClients() throws {
        let server = try TestServer { $0.encryption = .selfSigned }
        guard let pem = server.server.certificatePEM else { throw lacking("OpenSSL is not installed") }
        let context = try withExtendedLifetime(TestFolder()) { folder in
            try TLSContext(TLSConfiguration(trustFile: folder.file("ca.pem", pem)))
        }
        for name in ["localhost", "127.0.0.1", "::1", "mailroom.example"] {
            let stream = try TCPStream.connect(host: "127.0.0.1", port: server.ports.smtp, timeout: .seconds(10))
            try stream.write(Array("EHLO c\r\nSTARTTLS\r\n".utf8), deadline: .now + .seconds(10))
            XCTAssertTrue(try stream.read(until: "Begin TLS\r\n").hasSuffix("Begin TLS\r\n"))
            let secured = try TLSStream.client(
                over: stream, context: context, serverName: name, deadline: .now + .seconds(10))
            try secured.write(Array("QUIT\r\n".utf8), deadline: .now + .seconds(10))
            XCTAssertEqual(try secured.rest(), "221 2.0.0 Bye\r\n")
        }
    }

    func testACertificateThatIsMissingIsAnErrorAtTheStart() throws {
        XCTAssertThrowsError(
            try TestServer { $0.encryption = .files(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem") }
        ) {
            XCTAssertEqual(($0 as? CaptureError)?.code, .misconfigured)
            XCTAssertTrue("\($0)".contains("/nowhere/cert.pem"), "\($0)")
        }
        let server = try TestServer { $0.encryption = .none }
        XCTAssertNil(server.server.certificatePEM)
        XCTAssertFalse(try converse(server, "EHLO c\r\nQUIT\r\n").contains("STARTTLS"))
    }
}

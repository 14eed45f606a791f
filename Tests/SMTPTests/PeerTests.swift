import Foundation
import Mailroom
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Addresses beyond ASCII and beyond IPv4, and what a certificate says, with a real server.
final class PeerTests: XCTestCase {
    private func transport(to server: PythonServer) -> SMTPTransport {
        .smtp("127.0.0.1", port: server.port) { $0.maximumConnections = 1 }
    }

    func testARecipientBeyondASCIIGetsTheMailWhereTheServerKnowsSMTPUTF8() async throws {
        let server = try await PythonServer(.none)
        let transport = transport(to: server)
        let mail = try makeMail(to: ["jürgen@example.org"])
        let outcome = await transport.outcome(of: mail)
        XCTAssertEqual(outcome, "j accepted")
        let plain = await transport.outcome(of: try makeMail())
        XCTAssertEqual(plain, "b accepted")
        await transport.shutdown()
        let mails = try server.mails
        XCTAssertEqual(mails.map(\.to), [["jürgen@example.org"], ["b@example.org"]])
        XCTAssertEqual(mails.map { $0.options.contains("SMTPUTF8") }, [true, false])
        XCTAssertEqual(mails.first?.data, String(decoding: mail.bytes, as: UTF8.self))
    }

    func testARecipientBeyondASCIIIsRefusedForGoodWhereTheServerDoesNotAndTheOthersAreNot() async throws {
        let server = try await PythonServer(.none, knowsSMTPUTF8: false)
        let transport = transport(to: server)
        let report = try await transport.deliver(try makeMail(to: ["b@example.org", "jürgen@example.org"]))
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .refused])
        XCTAssertEqual(report.outcomes[1].reply?.enhancedStatus, "5.6.7")
        let alone = await transport.outcome(of: try makeMail(to: ["jürgen@example.org"]))
        XCTAssertEqual(alone, "j refused")
        await transport.shutdown()
        let mails = try server.mails
        XCTAssertEqual(mails.map(\.to), [["b@example.org"]])
        XCTAssertEqual(mails.first?.options.contains("SMTPUTF8"), false)
    }

    func testAURLWithAnAddressOfIPv6DeliversInTheClearAndByTLS() async throws {
        try XCTSkipIf((try? TCPListener(host: "::1")) == nil, "this machine has no ::1")
        let trust = try TestTrust(names: ["::1"])
        for encryption in [PythonServer.Encryption.none, .starttls] {
            let server = try await PythonServer(
                encryption, certificate: String(decoding: trust.certificate.certificatePEM, as: UTF8.self),
                key: String(decoding: trust.certificate.keyPEM, as: UTF8.self), host: "::1")
            let options = encryption == .none ? "" : "?tls=required&ca=\(trust.file.path)"
            let transport = try AdapterSchemes(transports: [.smtp]).transport(
                "smtp://[::1]:\(server.port)\(options)")
            let report = try await transport.deliver(try makeMail())
            XCTAssertEqual(report.outcomes.map(\.status), [.accepted])
            XCTAssertEqual(report.outcomes.map(\.route), ["smtp://[::1]:\(server.port)"])
            await transport.shutdown()
            XCTAssertEqual(try server.mails.map { $0.tls != nil }, [encryption == .starttls])
        }
    }

    func testCheckingTellsWhenACertificateExpiresToTheSecond() async throws {
        let certificate = try SelfSignedCertificate(
            .init(
                subject: "server.example", names: ["127.0.0.1"], notBefore: Int64(Date().timeIntervalSince1970) - 3600,
                notAfter: 2_524_521_537))
        let server = try await PythonServer(
            .implicit, certificate: String(decoding: certificate.certificatePEM, as: UTF8.self),
            key: String(decoding: certificate.keyPEM, as: UTF8.self))
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .implicit) {
            $0.security.verifiesCertificate = false
        }
        let checks = await transport.checkConnection(until: .now + .seconds(20))
        let check = try XCTUnwrap(checks.first)
        XCTAssertNil(check.problem)
        XCTAssertEqual(check.findings.first { $0.name == "expires" }?.value, "2049-12-30 23:58:57 UTC")
        await transport.shutdown()
    }
}

import Foundation
import MailroomLibraries
import TestSupport
import XCTest

/// `mailroom check` of a real server: what a person reads of its encryption.
final class CheckedServerTests: XCTestCase {
    func testTellsTheServersEncryptionAndCertificate() async throws {
        let certificate = try SelfSignedCertificate(
            .init(
                subject: "mail.example.org", names: ["127.0.0.1", "mail.example.org"],
                notBefore: Int64(Date().timeIntervalSince1970) - 3600, notAfter: 2_524_521_537))
        let folder = TestFolder()
        let pem = String(decoding: certificate.certificatePEM, as: UTF8.self)
        let trusted = try folder.file("ca.pem", pem)
        let key = String(decoding: certificate.keyPEM, as: UTF8.self)
        for (encryption, scheme) in [(PythonServer.Encryption.starttls, "smtp"), (.implicit, "smtps")] {
            let server = try await PythonServer(encryption, certificate: pem, key: key)
            let process = try MailroomProcess(
                ["check"],
                environment: [
                    "MAILROOM_TRANSPORT": "\(scheme)://127.0.0.1:\(server.port)?ca=\(trusted)"
                        + (encryption == .starttls ? "&tls=required" : "")
                ])
            let status = try await process.status()
            let text = process.output.text
            XCTAssertEqual(status, 0, text + process.errors.text)
            let lines = text.split(separator: "\n").map { line in
                line.split(separator: "  ", omittingEmptySubsequences: true).map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
            }
            func found(_ name: String) -> String? { lines.first { $0.first == name && $0.count > 1 }?[1] }
            XCTAssertEqual(found("TLS")?.hasPrefix("TLSv1.3, TLS_"), true, text)
            XCTAssertEqual(found("certificate"), "CN=mail.example.org", text)
            XCTAssertEqual(found("for"), "127.0.0.1, mail.example.org", text)
            XCTAssertEqual(found("expires"), "2049-12-30 23:58:57 UTC", text)
            XCTAssertFalse(text.contains("accepted although"), text)
            XCTAssertTrue(text.hasSuffix("\n  works\n"), text)
            XCTAssertEqual(try server.mails.count, 0)
        }
    }
}

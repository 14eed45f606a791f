import Foundation
import MailroomScriptedServer
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomLibraries

final class TLSContextTests: XCTestCase {
    private func problem(_ make: () throws -> TLSContext) -> String {
        do {
            _ = try make()
            return "none"
        } catch { return error is LibraryError ? "\(error)" : "another error" }
    }

    private func problem(
        trust: String? = nil, certificate: String? = nil, key: String? = nil
    ) -> String {
        problem {
            try TLSContext(TLSConfiguration(trustFile: trust, certificateFile: certificate, keyFile: key))
        }
    }

    func testEveryBadFileIsNamedWithWhatToDo() throws {
        let fixture = try TLSFixture()
        let (one, two) = (try fixture.signed(), try fixture.signed())
        let certificate = try fixture.file(one.certificatePEM)
        XCTAssertEqual(
            problem(trust: "/nowhere/ca.pem"),
            "Could not open the trust file /nowhere/ca.pem: No such file or directory. Check that the file is there and "
                + "that this user may read it.")
        XCTAssertTrue(problem(trust: FileManager.default.temporaryDirectory.path).contains("It must be a file"))
        XCTAssertTrue(problem(trust: try fixture.file([])).contains("is empty"))
        XCTAssertTrue(problem(trust: try fixture.file(Array("hello".utf8))).contains("no readable certificate"))
        let damaged = one.certificatePEM + Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        XCTAssertTrue(problem(trust: try fixture.file(damaged)).contains("a damaged certificate"))
        XCTAssertTrue(problem(certificate: certificate).contains("no readable private key in \(certificate)"))
        XCTAssertTrue(
            problem(certificate: certificate, key: try fixture.file(two.keyPEM)).contains("is not the one of"))
        XCTAssertTrue(problem(key: certificate).contains("without a certificate file"))
        XCTAssertEqual(problem(certificate: certificate, key: try fixture.file(one.keyPEM)), "none")
        XCTAssertTrue(
            problem { try TLSContext(server: TLSServerConfiguration(pem: one.certificatePEM)) }
                .contains("no readable private key in the PEM text given"))
    }

    func testAMissingLibraryIsNamedWithItsPackage() {
        XCTAssertThrowsError(try SharedLibrary(["libnowhere.so.3"], package: "libnowhere3")) { error in
            XCTAssertEqual(
                "\(error)", "The library libnowhere.so.3 is not on this system. Install the package libnowhere3.")
            let socketError = (error as? LibraryError).map { SocketError($0) }
            XCTAssertEqual(socketError?.code, .libraryMissing)
            XCTAssertEqual(socketError?.description, "\(error)")
        }
    }

    func testALockedKeyIsRefusedWithoutAskingAndWithoutShowingIt() throws {
        let fixture = try TLSFixture()
        let certificate = try fixture.signed()
        let locked = try Programs.run(
            "openssl", ["pkey", "-aes256", "-passout", "pass:open sesame"], input: certificate.keyPEM)
        XCTAssertTrue(locked.output.contains("ENCRYPTED"))
        let text = problem(
            certificate: try fixture.file(certificate.certificatePEM), key: try fixture.file(Array(locked.output.utf8)))
        XCTAssertTrue(text.contains("is locked with a pass phrase"), text)
        XCTAssertFalse(text.contains("sesame"))
    }

    func testAServersKeyIsNeverPrinted() throws {
        let certificate = try TLSFixture().signed()
        let configuration = TLSServerConfiguration(pem: certificate.pem)
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(certificate, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), "\(certificate)", dumped] {
            XCTAssertFalse(text.contains("45, 45, 45") || text.contains("PRIVATE"), text)
        }
    }

    func testCertificatesMadeHereAreProperToOpenSSL() throws {
        let fixture = try TLSFixture()
        for key in [SelfSignedCertificate.Key.p256, .rsa2048] {
            let certificate = try SelfSignedCertificate(
                TLSFixture.request(
                    "Zoë’s server", names: ["a.example", "*.b.example", "192.0.2.1", "2001:db8::1"], key: key),
                signedBy: fixture.authority)
            let file = try fixture.file(certificate.certificatePEM)
            let verified = try Programs.run(
                "openssl", ["verify", "-x509_strict", "-CAfile", fixture.trustFile(), file])
            XCTAssertEqual(verified.status, 0, verified.output + verified.errors)
            let shown = try Programs.run(
                "openssl", ["x509", "-noout", "-ext", "subjectAltName", "-subject", "-nameopt", "utf8", "-in", file])
            for part in ["DNS:a.example", "DNS:*.b.example", "IP Address:192.0.2.1", "2001:DB8", "Zoë’s server"] {
                XCTAssertTrue(shown.output.contains(part), shown.output)
            }
        }
        for name in ["a.example,DNS:evil.example", "", "a b", "dirName:x"] {
            XCTAssertThrowsError(try SelfSignedCertificate(TLSFixture.request("x", names: [name])), name)
        }
    }

    func testAScriptedServerBeginsTLSWhereItsScriptSaysAndForgetsWhatCameBefore() throws {
        let fixture = try TLSFixture()
        let context = try fixture.server()
        let server = try ScriptedServer(scripts: [
            [
                .reply("220 hi"), .expect("STARTTLS"), .reply("220 go"), .startTLS(context), .expect("EHLO "),
                .reply("250 secured"), .hangUp,
            ],
            [.startTLS(context), .reply("220 from the beginning"), .expect("QUIT"), .replyByOctet("221 bye")],
            [.startTLS(context)],
        ])
        let tcp = try TCPStream.connect(host: "127.0.0.1", port: server.port, deadline: soon)
        try tcp.write(Array("STARTTLS\r\nNOOP\r\n".utf8), deadline: soon)
        var plain: [UInt8] = []
        while plain.count < 16 { _ = try tcp.read(appendingTo: &plain, deadline: soon) }
        XCTAssertEqual(String(decoding: plain, as: UTF8.self), "220 hi\r\n220 go\r\n")
        let client = try fixture.client()
        let later = try TLSStream.client(over: tcp, context: client, serverName: "localhost", deadline: soon)
        try later.write("EHLO me\r\n")
        XCTAssertEqual(try later.text(), "250 secured\r\n")
        XCTAssertEqual(server.text(on: 0), "STARTTLS\r\nNOOP\r\nEHLO me\r\n")

        func connect(_ name: String) throws -> TLSStream {
            try TLSStream.client(
                over: TCPStream.connect(host: "127.0.0.1", port: server.port, deadline: soon), context: client,
                serverName: name, deadline: soon)
        }
        let atOnce = try connect("localhost")
        XCTAssertEqual(try atOnce.text(24), "220 from the beginning\r\n")
        try atOnce.write("QUIT\r\n")
        XCTAssertEqual(try atOnce.text(), "221 bye\r\n")
        XCTAssertEqual(server.problems, [])
        XCTAssertThrowsError(try connect("other.example.org"))
    }
}

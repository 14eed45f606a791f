import Foundation
import MailroomLibraries
import MailroomSockets
import XCTest

final class TLSTrustTests: XCTestCase {
    /// What a client says that refuses, and checks that the server was told.
    private func refusal(
        _ certificate: SelfSignedCertificate?, _ fixture: TLSFixture, name: String = "mail.example.org",
        client: TLSContext? = nil
    ) throws -> String {
        let peer = try TLSPeer(fixture.server(certificate))
        var text = "accepted"
        do { _ = try peer.connect(client ?? fixture.client(), name: name) } catch let error as SocketError {
            XCTAssertEqual(error.code, .certificateRefused)
            text = error.description
        }
        if text != "accepted" { XCTAssertEqual(peer.outcome(), .certificateRefused) }
        return text
    }

    func testRefusesACertificateForAnotherName() throws {
        let fixture = try TLSFixture()
        XCTAssertEqual(
            try refusal(nil, fixture, name: "other.example.org"),
            "The certificate of other.example.org was refused: it is for mail.example.org, localhost, 127.0.0.1, not "
                + "for other.example.org. Call the server by a name of its certificate, or have a certificate made for "
                + "this one.")
        XCTAssertTrue(try refusal(nil, fixture, name: "127.0.0.2").contains("not for 127.0.0.2"))
    }

    func testNamesAndAddressesOfTheCertificateAreAccepted() throws {
        let fixture = try TLSFixture()
        let certificate = try fixture.signed(names: ["mail.example.org", "*.wild.example", "127.0.0.1", "::1"])
        let fine = ["mail.example.org", "MAIL.example.org.", "a.wild.example", "127.0.0.1", "::1"]
        for name in fine { XCTAssertEqual(try refusal(certificate, fixture, name: name), "accepted", name) }
        for name in ["wild.example", "a.b.wild.example", "::2", "xmail.example.org", "example.org"] {
            XCTAssertNotEqual(try refusal(certificate, fixture, name: name), "accepted", name)
        }
    }

    func testNamesThatWouldSwitchVerificationOffAreRefused() throws {
        let fixture = try TLSFixture()
        for name in ["", ".", ".example.org", "mail.example.org\0.evil.example", "mail example.org"] {
            XCTAssertThrowsError(try TLSEngine(fixture.client(), serverName: name), name) {
                XCTAssertEqual(($0 as? TLSError)?.code, .failed)
            }
        }
    }

    func testRefusesAnUnknownAuthority() throws {
        let fixture = try TLSFixture()
        let other = try SelfSignedCertificate(TLSFixture.request("Another Authority", isAuthority: true))
        let stranger = try TLSConfiguration(trustFile: fixture.file(other.certificatePEM))
        let text = try refusal(nil, fixture, client: TLSContext(stranger))
        XCTAssertTrue(text.contains("it is signed by an authority (CN=Test Authority), and the trust file "), text)
        XCTAssertTrue(
            text.hasSuffix("does not hold it. If you trust the authority, give its file as trust file (ca in a URL)."),
            text)
        let system = try refusal(nil, fixture, client: TLSContext())
        XCTAssertTrue(system.contains("this machine does not know it"), system)
    }

    func testASelfSignedCertificateIsRefusedUntilItIsGivenAsTrustFile() throws {
        let fixture = try TLSFixture()
        let own = try SelfSignedCertificate(TLSFixture.request("Cupboard", names: ["mail.example.org"]))
        let text = try refusal(own, fixture)
        XCTAssertTrue(text.contains("it is signed by itself (CN=Cupboard)"), text)
        let trusting = try TLSContext(TLSConfiguration(trustFile: fixture.file(own.certificatePEM)))
        XCTAssertEqual(try refusal(own, fixture, client: trusting), "accepted")
        XCTAssertNotEqual(try refusal(own, fixture, name: "other.example.org", client: trusting), "accepted")
    }

    func testAServersOwnCertificateMayBeTrustedWithoutItsAuthority() throws {
        let fixture = try TLSFixture()
        let certificate = try fixture.signed()
        let trusting = try TLSContext(TLSConfiguration(trustFile: fixture.file(certificate.certificatePEM)))
        XCTAssertEqual(try refusal(certificate, fixture, client: trusting), "accepted")
    }

    func testAChainOfAuthoritiesIsFollowed() throws {
        let fixture = try TLSFixture()
        let middle = try SelfSignedCertificate(
            TLSFixture.request("Middle", isAuthority: true), signedBy: fixture.authority)
        let leaf = try SelfSignedCertificate(
            TLSFixture.request("Leaf", names: ["mail.example.org"]), signedBy: middle)
        let chain = try TLSContext(
            server: TLSServerConfiguration(pem: leaf.certificatePEM + middle.certificatePEM + leaf.keyPEM))
        let peer = try TLSPeer(chain)
        _ = try peer.connect(fixture.client())
        XCTAssertNil(peer.outcome())
        XCTAssertTrue(try refusal(leaf, fixture).contains("authority (CN=Middle)"))
    }

    func testRefusesAnExpiredCertificateAndTellsSinceWhen() throws {
        let fixture = try TLSFixture()
        let text = try refusal(fixture.signed(from: -90_000, to: -3600), fixture)
        XCTAssertTrue(text.contains("it expired on 20"), text)
        XCTAssertTrue(text.contains("check this machine's clock"), text)
    }

    func testRefusesACertificateThatIsNotYetValid() throws {
        let fixture = try TLSFixture()
        let text = try refusal(fixture.signed(from: 3600), fixture)
        XCTAssertTrue(text.contains("it is valid only from 20"), text)
    }

    func testAcceptsAnyCertificateIfToldToAndTellsWhatIsWrong() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server(fixture.signed(from: -90_000, to: -3600)))
        let careless = try TLSContext(TLSConfiguration(trustFile: fixture.trustFile(), verifiesPeer: false))
        for isResumed in [false, true] {
            let stream = try peer.connect(careless)
            XCTAssertNil(peer.outcome())
            XCTAssertEqual(try stream.text(), "")
            XCTAssertEqual(stream.facts.isResumed, isResumed)
            let problem = try XCTUnwrap(stream.facts.acceptedProblem)
            XCTAssertTrue(problem.contains("it expired on 20"), problem)
        }
    }

    func testAClientsCertificateIsAskedForAndSeen() throws {
        let fixture = try TLSFixture()
        let server = try fixture.server { $0.clientTrustFile = try fixture.trustFile() }
        let mine = try fixture.signed(names: ["worker.example.org"])
        for version in [TLSVersion.v1_2, .v1_3] {
            let peer = try TLSPeer(server) { try $0.write("welcome") }
            let known = try fixture.client {
                $0.certificateFile = try fixture.file(mine.certificatePEM)
                $0.keyFile = try fixture.file(mine.keyPEM)
                $0.latestVersion = version
            }
            XCTAssertEqual(try peer.connect(known).text(), "welcome")
            XCTAssertNil(peer.outcome())
            XCTAssertEqual(peer.facts.first?.peerCertificate?.subject, "CN=worker.example.org")
            let inOneFile = try fixture.client {
                $0.certificateFile = try fixture.file(mine.pem)
                $0.latestVersion = version
            }
            XCTAssertEqual(try peer.connect(inOneFile).text(), "welcome")
            XCTAssertNil(peer.outcome())
        }
    }

    func testAClientWithoutOrWithAStrangeCertificateIsRefusedAndTold() throws {
        let fixture = try TLSFixture()
        let server = try fixture.server { $0.clientTrustFile = try fixture.trustFile() }
        let stranger = try SelfSignedCertificate(TLSFixture.request("Stranger"))
        for version in [TLSVersion.v1_2, .v1_3] {
            for certificate in [nil, stranger] {
                let peer = try TLSPeer(server)
                let client = try fixture.client {
                    $0.certificateFile = try certificate.map { try fixture.file($0.pem) }
                    $0.latestVersion = version
                }
                XCTAssertThrowsError(try peer.connect(client).text()) { error in
                    let code = (error as? SocketError)?.code
                    // Before TLS 1.3 a missing certificate is told by the same alert as a missing cipher.
                    let expected: SocketError.Code =
                        version == .v1_2 && certificate == nil ? .tlsFailed : .certificateRefused
                    XCTAssertEqual(code, expected, "\(error)")
                    XCTAssertTrue("\(error)".contains("certificate"), "\(error)")
                }
                XCTAssertEqual(peer.outcome(), .certificateRefused)
            }
        }
    }

    func testAClientsCertificateIsShownToAServerOfOpenSSL() throws {
        let fixture = try TLSFixture()
        let server = try OpenSSLServer(
            fixture, fixture.signed(), ["-Verify", "1", "-verify_return_error", "-CAfile", fixture.trustFile()])
        let client = try fixture.client { $0.certificateFile = try fixture.file(fixture.signed().pem) }
        let stream = try server.connect(client)
        try stream.write("hello\n")
        XCTAssertEqual(try stream.text(6), "olleh\n")
        stream.close()
        XCTAssertThrowsError(try server.connect(fixture.client()).text()) {
            XCTAssertEqual(($0 as? SocketError)?.code, .certificateRefused)
        }
    }
}

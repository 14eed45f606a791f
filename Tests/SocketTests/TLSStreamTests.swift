import Foundation
import MailroomLibraries
import MailroomSockets
import Synchronization
import XCTest

final class TLSStreamTests: XCTestCase {
    func testEncryptsBothWaysAndTellsWhatWasAgreed() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { stream in
            XCTAssertEqual(try stream.text(5), "hello")
            try stream.write("world")
        }
        let stream = try peer.connect(fixture.client())
        try stream.write("hello")
        XCTAssertEqual(try stream.text(), "world")
        XCTAssertNil(peer.outcome())
        XCTAssertEqual(stream.facts.protocolVersion, "TLSv1.3")
        XCTAssertTrue(stream.facts.cipher.hasPrefix("TLS_"))
        XCTAssertFalse(stream.facts.isResumed)
        XCTAssertNil(stream.facts.acceptedProblem)
        let certificate = try XCTUnwrap(stream.facts.peerCertificate)
        XCTAssertEqual(certificate.subject, "CN=mail.example.org")
        XCTAssertEqual(certificate.issuer, "CN=Test Authority")
        XCTAssertEqual(certificate.names, ["mail.example.org", "localhost", "127.0.0.1"])
        XCTAssertEqual(Double(certificate.notAfter), Date().timeIntervalSince1970 + 86_400, accuracy: 120)
        let format = ISO8601DateFormatter()
        format.formatOptions = [.withFullDate, .withTime, .withColonSeparatorInTime, .withSpaceBetweenDateAndTime]
        let date = format.string(from: Date(timeIntervalSince1970: Double(certificate.notAfter)))
        XCTAssertEqual(certificate.notAfterText, "\(date) UTC")
    }

    func testRefusesACertificateForAnotherName() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server())
        XCTAssertThrowsError(try peer.connect(fixture.client(), name: "other.example.org")) { error in
            XCTAssertEqual((error as? SocketError)?.code, .certificateRefused)
            XCTAssertEqual(
                "\(error)",
                "The certificate of other.example.org was refused: it is for mail.example.org, localhost, 127.0.0.1, "
                    + "not for other.example.org. Call the server by a name of its certificate, or have a certificate "
                    + "made for this one.")
        }
        XCTAssertEqual(peer.outcome(), .certificateRefused)
    }
}

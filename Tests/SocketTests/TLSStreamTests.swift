import Foundation
import MailroomLibraries
import MailroomSockets
import Synchronization
import TestSupport
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
        format.formatOptions = [
            .withFullDate, .withTime, .withColonSeparatorInTime, .withDashSeparatorInDate, .withSpaceBetweenDateAndTime,
        ]
        let date = format.string(from: Date(timeIntervalSince1970: Double(certificate.notAfter)))
        XCTAssertEqual(certificate.notAfterText, "\(date) UTC")
        XCTAssertNil(peer.facts[0].peerCertificate)
    }

    func testSpeaksWithAServerOfOpenSSLInBothVersions() throws {
        let fixture = try TLSFixture()
        for (option, version) in [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")] {
            for key in [SelfSignedCertificate.Key.p256, .rsa2048] {
                let server = try OpenSSLServer(fixture, fixture.signed(key: key), [option])
                let stream = try server.connect(fixture.client())
                XCTAssertEqual(stream.facts.protocolVersion, version)
                try stream.write("reversed\n")
                XCTAssertEqual(try stream.text(9), "desrever\n")
                stream.close()
            }
        }
    }

    func testServesAClientOfOpenSSL() throws {
        let fixture = try TLSFixture()
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        for option in ["-tls1_3", "-tls1_2"] {
            let peer = try TLSPeer(fixture.server()) { stream in
                XCTAssertEqual(try stream.read(sent.count), sent)
                try stream.write("thanks")
            }
            let outcome = try Programs.run(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(peer.port)", "-servername", "mail.example.org", "-quiet",
                    "-verify_return_error", "-verify_hostname", "mail.example.org", "-CAfile", fixture.trustFile(),
                    option,
                ], input: sent)
            XCTAssertEqual(outcome.output, "thanks", outcome.errors)
            XCTAssertNil(peer.outcome())
        }
    }

    func testCarriesMuchBothWaysAtOnce() throws {
        let fixture = try TLSFixture()
        let up = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 4) }
        let down = Array(up.reversed())
        let server = try fixture.server()
        for version in [TLSVersion.v1_2, .v1_3] {
            let peer = try TLSPeer(server) { stream in
                // Reads and writes by turns in odd portions, as a connection is for one thread.
                var (received, sent) = (0, 0)
                while received < up.count {
                    let count = min(100_003, up.count - received)
                    XCTAssertEqual(try stream.read(count), Array(up[received..<received + count]))
                    received += count
                    let end = min(down.count, sent + count)
                    try stream.write(Array(down[sent..<end]))
                    sent = end
                }
            }
            let stream = try peer.connect(fixture.client { $0.latestVersion = version })
            var (sent, received) = (0, 0)
            while sent < up.count {
                let count = min(100_003, up.count - sent)
                try stream.write(Array(up[sent..<sent + count]))
                sent += count
                XCTAssertEqual(try stream.read(count), Array(down[received..<received + count]))
                received += count
            }
            XCTAssertEqual(try stream.read(), [])
            XCTAssertNil(peer.outcome())
        }
    }

    func testAPieceOfAnySizeArrivesWhole() throws {
        let fixture = try TLSFixture()
        let sizes = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 262_144, 262_145]
        let peer = try TLSPeer(fixture.server()) { stream in
            for size in sizes {
                XCTAssertEqual(try stream.read(size), [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size))
            }
            try stream.write("done")
        }
        let stream = try peer.connect(fixture.client())
        for size in sizes { try stream.write([UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)) }
        XCTAssertEqual(try stream.text(), "done")
        XCTAssertNil(peer.outcome())
    }

    func testAnEndIsAnEndAgainAndAgain() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { try $0.write("bye") }
        let stream = try peer.connect(fixture.client())
        XCTAssertEqual(try stream.text(), "bye")
        XCTAssertTrue(stream.hasInput)
        XCTAssertEqual(try stream.text(), "")
        stream.close()
        XCTAssertThrowsError(try stream.write("more")) { XCTAssertEqual(($0 as? SocketError)?.code, .closed) }
        XCTAssertEqual(try stream.text(), "")
    }

    func testTheNoticeOfTheEndReachesOpenSSL() throws {
        let fixture = try TLSFixture()
        let peer = try TLSPeer(fixture.server()) { try $0.write("bye") }
        let outcome = try Programs.run(
            "openssl", ["s_client", "-connect", "127.0.0.1:\(peer.port)", "-CAfile", fixture.trustFile(), "-ign_eof"])
        // s_client says "closed" when told, and reports an error when the connection just ends.
        XCTAssertTrue(outcome.output.contains("bye"), outcome.output)
        XCTAssertTrue(outcome.output.contains("closed"), outcome.output)
        XCTAssertFalse(outcome.errors.contains("error:"), outcome.errors)
        XCTAssertNil(peer.outcome())
    }

    func testWhatWasWrittenLastArrivesThoughTicketsLieUnread() throws {
        let fixture = try TLSFixture()
        let count = 5_000_000
        let peer = try TLSPeer(fixture.server()) { stream in
            XCTAssertEqual(try stream.read().count, count)
        }
        for _ in 0..<5 {
            let stream = try peer.connect(fixture.client())
            try stream.write([UInt8](repeating: 7, count: count))
            stream.close()
            XCTAssertNil(peer.outcome())
        }
    }
}

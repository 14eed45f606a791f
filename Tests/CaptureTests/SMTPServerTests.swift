import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// The SMTP server over sockets: faults, limits and TLS.
final class SMTPServerTests: XCTestCase {
    private let envelope = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"

    func testAClientMayBreakOffInEveryPhase() throws {
        let harness = try SMTPHarness()
        for phase in [
            "", "EH", "EHLO " + String(repeating: "c", count: 100_000), "EHLO c\r\n", "EHLO c\r\nAUTH LOGIN\r\n",
            "EHLO c\r\nAUTH LOGIN\r\nAA", "EHLO c\r\nMAIL FROM:<a@x>\r\n", envelope, envelope + "DATA\r\n",
            envelope + "DATA\r\nSubject: x\r\n\r\nhalf a li", envelope + "DATA\r\nx\r\n.",
            envelope + "DATA\r\nx\r\n.\r",
            envelope + "BDAT 100 LAST\r\nhalf", envelope + "BDAT 4\r\nhalf", "EHLO c\r\nSTARTTLS\r\n",
            "EHLO c\r\nSTARTTLS\r\n\u{16}\u{3}\u{1}",
        ] {
            // Once with octets unread, which resets the connection, once in an orderly way.
            let rude = try harness.connect()
            try rude.write(Array(phase.utf8), deadline: .now + .seconds(10))
            rude.close()
            let polite = try harness.connect()
            XCTAssertTrue(try polite.read(until: "\r\n").hasPrefix("220 mx.example ESMTP"))
            try polite.write(Array(phase.utf8), deadline: .now + .seconds(10))
            polite.close()
        }
        XCTAssertTrue(try harness.converse(envelope + "DATA\r\nwhole\r\n.\r\nQUIT\r\n").hasSuffix("221 2.0.0 Bye\r\n"))
        XCTAssertEqual(harness.mailbag.mails.map(\.text), ["whole\r\n"])
    }

    func testACommandThatDripsInIsEnded() throws {
        let harness = try SMTPHarness { $0.limits.patience = .milliseconds(50) }
        let stream = try harness.connect()
        _ = try stream.read(until: "\r\n")
        let end = ContinuousClock.now + .seconds(20)
        while !stream.hasInput, .now < end { try stream.write([UInt8(ascii: "x")], deadline: end) }
        XCTAssertEqual(try stream.rest(), "421 4.4.2 That took too long\r\n")
    }

    func testAMailThatDripsInIsEnded() throws {
        for verb in ["DATA\r\n", "BDAT 999999999\r\n"] {
            let harness = try SMTPHarness {
                $0.limits.messageTime = .milliseconds(50)
                $0.limits.messageBytes = 1 << 30
            }
            let stream = try harness.connect()
            try stream.write(Array((envelope + verb).utf8), deadline: .now + .seconds(10))
            _ = try stream.read(until: verb == "DATA\r\n" ? "354" : "2.1.5 Ok\r\n")
            while stream.hasInput { _ = try stream.read(until: "\n") }
            let end = ContinuousClock.now + .seconds(20)
            while !stream.hasInput, .now < end { try stream.write([UInt8(ascii: "x")], deadline: end) }
            XCTAssertEqual(try stream.rest(), "421 4.4.2 That took too long\r\n")
        }
    }

    func testAMailInChunksHasOneTimeLimitForAllOfThem() throws {
        let harness = try SMTPHarness { $0.limits.messageTime = .milliseconds(100) }
        let stream = try harness.connect()
        try stream.write(Array(envelope.utf8), deadline: .now + .seconds(10))
        _ = try stream.read(until: "2.1.5 Ok\r\n")
        let end = ContinuousClock.now + .seconds(20)
        var replies = ""
        while !replies.contains("421"), .now < end {
            try stream.write(Array("BDAT 1\r\nx".utf8), deadline: end)
            replies = try stream.read(until: "\r\n")
        }
        XCTAssertTrue(replies.hasSuffix("421 4.4.2 That took too long\r\n"), replies)
        XCTAssertEqual(harness.mailbag.mails.count, 0)
    }

    func testBetweenChunksTheTimeForACommandIsKept() throws {
        let harness = try SMTPHarness { $0.limits.patience = .milliseconds(50) }
        let stream = try harness.connect()
        try stream.write(Array((envelope + "BDAT 1\r\nx").utf8), deadline: .now + .seconds(10))
        _ = try stream.read(until: "2.0.0 1 octets\r\n")
        let end = ContinuousClock.now + .seconds(20)
        while !stream.hasInput, .now < end { try stream.write([UInt8(ascii: "x")], deadline: end) }
        XCTAssertEqual(try stream.rest(), "421 4.4.2 That took too long\r\n")
    }

    func testAPipelinedMailIsNotKeptBeforeAnEarlierReplyHasLeft() throws {
        let harness = try SMTPHarness()
        harness.rules.rules = [try CaptureRule(parsing: "mail delay=3600s")]
        let stream = try harness.connect()
        try stream.write(Array((envelope + "BDAT 4 LAST\r\nmail").utf8), deadline: .now + .seconds(10))
        XCTAssertTrue(try stream.read(until: "CRAM-MD5\r\n").contains("250 AUTH"))
        // Another client is served after the first one's octets were read.
        harness.rules.rules = []
        XCTAssertTrue(try harness.converse("NOOP\r\nQUIT\r\n").hasSuffix("221 2.0.0 Bye\r\n"))
        XCTAssertEqual(harness.mailbag.mails.count, 0)
        XCTAssertFalse(stream.hasInput)
    }

    func testAPipelinedMailIsKeptAfterThePauses() throws {
        let harness = try SMTPHarness()
        harness.rules.rules = try ["helo delay=20ms", "mail drip", "rcpt drip=1ms", "content delay=20ms"].map {
            try CaptureRule(parsing: $0)
        }
        let replies = try harness.converse(envelope + "DATA\r\nwhole\r\n.\r\nQUIT\r\n")
        XCTAssertTrue(replies.contains("\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 "), replies)
        XCTAssertTrue(replies.hasSuffix("221 2.0.0 Bye\r\n"))
        XCTAssertEqual(harness.mailbag.mails.map(\.text), ["whole\r\n"])
    }

    func testAFloodOfDrippingRepliesDoesNotDelayOthers() throws {
        let harness = try SMTPHarness()
        harness.rules.rules = [try CaptureRule(parsing: "help drip")]
        let (greedy, other) = (try harness.connect(), try harness.connect())
        _ = try other.read(until: "\r\n")
        let count = 500
        try greedy.write(
            Array((String(repeating: "HELP\r\n", count: count) + "QUIT\r\n").utf8), deadline: .now + .seconds(20))
        _ = try greedy.read(until: "214")
        try other.write(Array("NOOP\r\n".utf8), deadline: .now + .seconds(20))
        XCTAssertEqual(try other.read(until: "\r\n"), "250 2.0.0 Ok\r\n")
        XCTAssertLessThan(harness.rules.entries.first?.hits ?? count, count)
        XCTAssertTrue(try greedy.rest().hasSuffix("221 2.0.0 Bye\r\n"))
        XCTAssertEqual(harness.rules.entries.first?.hits, count)
    }

    func testThePageKeepsItsShareOfTheFilesThatTheSystemOpens() {
        for (limit, connections) in [
            (1_000_000, 10_000), (11_768, 10_000), (11_767, 9999), (4096, 2328), (1024, 256), (2, 1),
        ] {
            var asked = 0
            let found = CaptureServer.mailConnections(wanted: 10_000, web: 1000, listeners: 2) {
                asked = $0
                return limit
            }
            XCTAssertEqual(asked, 11_768)
            XCTAssertEqual(found, connections, "\(limit)")
        }
        XCTAssertEqual(CaptureServer.mailConnections(wanted: 5, web: 2000, listeners: 3) { _ in 1024 }, 5)
    }

    func testASilentClientIsEnded() throws {
        let harness = try SMTPHarness { $0.limits.patience = .milliseconds(20) }
        XCTAssertTrue(try harness.converse("EHLO c\r\n").hasSuffix("421 4.4.2 That took too long\r\n"))
    }

    func testAMailTooLargeIsReadAndRefusedAndTheConnectionGoesOn() throws {
        let harness = try SMTPHarness { $0.limits.messageBytes = 100_000 }
        let large = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 20_000)
        let replies = try harness.converse(
            envelope + "DATA\r\n" + large + ".\r\nMAIL FROM:<a@x> SIZE=100001\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n"
                + "DATA\r\nsmall\r\n.\r\nQUIT\r\n")
        XCTAssertTrue(replies.contains("\r\n250-SIZE 100000\r\n"))
        XCTAssertEqual(replies.components(separatedBy: "552 5.3.4").count, 3)
        XCTAssertEqual(harness.mailbag.mails.map(\.text), ["small\r\n"])
    }

    func testOneConnectionTooManyIsToldSo() throws {
        let harness = try SMTPHarness(maximumConnections: 1)
        let first = try harness.connect()
        _ = try first.read(until: "\r\n")
        XCTAssertEqual(try harness.converse("EHLO c\r\n"), "421 4.3.2 There are too many connections\r\n")
        try first.write(Array("QUIT\r\n".utf8), deadline: .now + .seconds(10))
        XCTAssertEqual(try first.rest(), "221 2.0.0 Bye\r\n")
    }

    func testWhoSpeaksBeforeTheGreetingIsHeardAfterIt() throws {
        let harness = try SMTPHarness()
        harness.rules.rules = [try CaptureRule(parsing: "connect delay=30ms")]
        let replies = try harness.converse(envelope + "DATA\r\nearly\r\n.\r\nQUIT\r\n")
        XCTAssertTrue(replies.hasPrefix("220 mx.example ESMTP"))
        XCTAssertEqual(harness.mailbag.mails.map(\.text), ["early\r\n"])
    }

    // MARK: TLS

    private func secure(_ harness: SMTPHarness, saying request: String) throws -> TLSStream {
        let stream = try harness.connect()
        try stream.write(Array(request.utf8), deadline: .now + .seconds(10))
        XCTAssertTrue(try stream.read(until: "220 2.0.0 Begin TLS\r\n").hasSuffix("220 2.0.0 Begin TLS\r\n"))
        let pem = try XCTUnwrap(harness.encryption.certificatePEM)
        let context = try withExtendedLifetime(TestFolder()) { folder in
            try TLSContext(TLSConfiguration(trustFile: folder.file("ca.pem", pem)))
        }
        return try TLSStream.client(
            over: stream, context: context, serverName: "127.0.0.1", deadline: .now + .seconds(10))
    }

    func testCommandsSlippedInAfterSTARTTLSAreNeverObeyed() throws {
        let harness = try SMTPHarness()
        guard harness.encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        let stream = try secure(
            harness, saying: "EHLO c\r\nSTARTTLS\r\nNOOP\r\nEHLO evil.example\r\nMAIL FROM:<evil@x.example>\r\n")
        try stream.write(
            Array("RCPT TO:<b@x>\r\nNOOP\r\n\(envelope)DATA\r\nx\r\n.\r\nQUIT\r\n".utf8), deadline: .now + .seconds(10))
        let replies = try stream.rest()
        XCTAssertTrue(replies.hasPrefix("503 5.5.1 MAIL comes first\r\n250 2.0.0 Ok\r\n250-mx.example"), replies)
        XCTAssertEqual(harness.mailbag.mails.map(\.envelope.reversePath), ["a@x.example"])
        XCTAssertEqual(harness.mailbag.mails.map(\.envelope.isEncrypted), [true])
    }

    func testRandomOctetsInPlaceOfTLSEndOnlyTheirOwnConnection() throws {
        let harness = try SMTPHarness()
        guard harness.encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        var generator = SeededGenerator(8)
        let survivor = try secure(harness, saying: "EHLO c\r\nSTARTTLS\r\n")
        for round in 0..<60 {
            let stream = try harness.connect()
            try stream.write(Array("EHLO c\r\nSTARTTLS\r\n".utf8), deadline: .now + .seconds(10))
            _ = try stream.read(until: "Begin TLS\r\n")
            var octets = (0..<Int.random(in: 1...2000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Some look like a record that holds the beginning of a handshake.
            if round % 2 == 0 {
                octets = [22, 3, 1, UInt8(octets.count >> 8), UInt8(octets.count & 255), 1, 0] + octets
            }
            try? stream.write(octets, deadline: .now + .seconds(10))
            if round % 3 == 0 { stream.close() } else if round % 3 == 1 { stream.finishWriting() }
        }
        try survivor.write(Array("EHLO c\r\nQUIT\r\n".utf8), deadline: .now + .seconds(10))
        XCTAssertTrue(try survivor.rest().hasSuffix("221 2.0.0 Bye\r\n"))
    }

    func testOpenSSLsClientFindsACertificateForThisMachine() throws {
        let harness = try SMTPHarness()
        guard let pem = harness.encryption.certificatePEM else { throw lacking("OpenSSL is not installed") }
        let folder = TestFolder()
        defer { withExtendedLifetime(folder) {} }
        let file = try folder.file("ca.pem", pem)
        for name in ["mx.example", "localhost"] {
            let outcome = try Programs.run(
                "openssl",
                [
                    "s_client", "-starttls", "smtp", "-connect", "127.0.0.1:\(harness.port)", "-CAfile", file, "-quiet",
                    "-verify_return_error", "-verify_hostname", name, "-ign_eof", "-crlf",
                ], input: Array("EHLO c\nQUIT\n".utf8))
            XCTAssertEqual(outcome.status, 0, outcome.errors)
            XCTAssertTrue(outcome.output.contains("221 2.0.0 Bye"), outcome.output)
        }
    }

    func testWithoutACertificateTheServerWorksAllTheSame() throws {
        let harness = try SMTPHarness { $0.encryption = nil }
        let replies = try harness.converse("EHLO c\r\nSTARTTLS\r\n\(envelope)DATA\r\nx\r\n.\r\nQUIT\r\n")
        XCTAssertFalse(replies.contains("250-STARTTLS"))
        XCTAssertTrue(replies.contains("\r\n502 5.5.1 STARTTLS is not offered here\r\n"))
        XCTAssertEqual(harness.mailbag.mails.count, 1)
    }

    func testAGivenCertificateIsShown() throws {
        let trust = try TestTrust()
        let encryption = try SMTPEncryption(
            TLSServerConfiguration(certificateFile: trust.file.path, keyFile: trust.keyFile.path))
        let harness = try SMTPHarness { $0.encryption = encryption }
        let stream = try harness.connect()
        try stream.write(Array("EHLO c\r\nSTARTTLS\r\n".utf8), deadline: .now + .seconds(10))
        _ = try stream.read(until: "Begin TLS\r\n")
        let secured = try TLSStream.client(
            over: stream, context: TLSContext(TLSConfiguration(trustFile: trust.file.path)), serverName: "localhost",
            deadline: .now + .seconds(10))
        XCTAssertEqual(secured.facts.peerCertificate?.subject, "CN=server.example")
        XCTAssertThrowsError(try SMTPEncryption(TLSServerConfiguration(certificateFile: "/nowhere.pem")))
    }
}

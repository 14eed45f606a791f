import Foundation
import Mailroom
import MailroomLibraries
import MailroomMIME
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Deliveries to a Postfix that refuses bare line feeds, the strictest reader of line endings there is.
final class PostfixTests: XCTestCase {
    /// Mails with everything in them that has broken line endings or the end of a message.
    private func hardMails(_ count: Int) throws -> [Mail] {
        try (0..<count).map { index in
            var message = InternetMessage(
                from: [try Mailbox("\"Zoë, of the Club\" <a@example.org>")], to: [try Mailbox("b@example.org")],
                subject: "Grüße \(index) " + String(repeating: "ü🙂 long subject ", count: index % 7),
                date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "hard-\(index)@example.org")
            switch index % 5 {
            case 0: message.text = ".\n..\r\n.\r.\n\n.a\n" + String(repeating: ".\n", count: index * 11)
            case 1: message.text = "a\rb\nc\r\nd\n\re\r\r\n" + String(repeating: "x", count: 2_000 + index)
            case 2: message.text = String(repeating: "ä€🙂\u{2028}\u{85} ", count: 300)
            case 3: message.html = "<p>" + String(repeating: "é", count: 5_000) + "</p>\n.\n"
            default: message.text = ""
            }
            if index % 3 == 0 {
                let bytes = (0..<(index % 2 == 0 ? 300 : 200_000)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
                message.attachments = [MIMEPart(fileName: "f\(index).bin", mediaType: .octetStream, bytes: bytes)]
            }
            return Mail(
                id: JobID(at: Date(), random: SystemRandomSource()),
                envelope: Envelope(reversePath: try EmailAddress("a@example.org"), recipients: [.to("b@example.org")]),
                message: message, deadline: .now + .seconds(60))
        }
    }

    func testEveryMailArrivesOctetForOctetByDataAndByChunksInTheClearAndByTLS() async throws {
        let trust = try TestTrust()
        let server = try await PostfixServer(
            certificate: String(decoding: trust.certificate.certificatePEM, as: UTF8.self),
            key: String(decoding: trust.certificate.keyPEM, as: UTF8.self))
        let mails = try hardMails(60)
        for (number, security) in [SMTPSecurity.unencrypted, .required].enumerated() {
            for chunks in [false, true] {
                let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: security) {
                    $0.security.trustFile = trust.file.path
                    $0.chunks = chunks
                    $0.maximumConnections = 3
                    $0.notifications = SMTPNotifications(on: [.failure], content: .header)
                }
                let outcomes = await withTaskGroup(of: String.self) { group in
                    for mail in mails { group.addTask { await transport.outcome(of: mail) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                XCTAssertEqual(Set(outcomes), ["b accepted"], server.log)
                await transport.shutdown()
                let expected = mails.count * (number * 2 + (chunks ? 2 : 1))
                let stored = try await server.mails(expected)
                XCTAssertEqual(stored.count, expected, server.log)
            }
        }
        var counts: [[UInt8]: Int] = [:]
        for file in try await server.mails(0) { counts[Self.withoutTrace(file), default: 0] += 1 }
        for mail in mails {
            let text = mail.bytes.filter { $0 != 13 }
            XCTAssertEqual(counts[text], 4, String(decoding: text.prefix(400), as: UTF8.self))
        }
        XCTAssert(server.log.contains("TLSv1.3"), server.log)
        // Of a disk whose clock runs ahead of the machine's, Postfix warns, too.
        let warnings = server.log.split(separator: "\n").filter {
            $0.contains("warning: ") && !$0.contains("local clock") && !$0.contains("file time stamps")
        }
        XCTAssertEqual(warnings, [])
    }

    /// A stored mail from the first field that is the sender's own.
    private static func withoutTrace(_ file: [UInt8]) -> [UInt8] {
        var lines = file.split(separator: 10, omittingEmptySubsequences: false)[...]
        let trace = ["Return-Path:", "X-Original-To:", "Delivered-To:", "Received:", "\t", " "]
        while let first = lines.first, trace.contains(where: { first.starts(with: $0.utf8) }) { lines.removeFirst() }
        return Array(lines.joined(separator: [10]))
    }
}

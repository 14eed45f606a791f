import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import XCTest

@testable import MailroomDKIM

/// What verifiers of other projects say about our signatures.
final class DKIMVerifierTests: XCTestCase {
    private static let headers = [
        "From: a@example.org\r\n",
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: S\r\nDate: Fri, 21 Nov 2025 09:34:56 +0100\r\n",
        "FROM:a@example.org\r\nsubject:\r\nTo:  b@example.org  \r\n",
        "From: =?utf-8?Q?Zo=C3=A9?=\r\n <a@example.org>\r\nSubject: =?utf-8?B?w6k=?=\r\n\t =?utf-8?B?w6k=?= \t \r\n",
        "X-A: 1\r\nTo: b@example.org\r\nFrom: a@example.org\r\nX-A: 2\r\nX-A:\t3  4\r\nReply-To: c@example.org\r\n",
        "From: a@example.org\r\nReferences:" + (0..<40).map { "\r\n <\($0)@example.org>" }.joined() + "\r\n",
        "From: a@example.org\r\nSubject: " + String(repeating: "long ", count: 190) + "\r\nTo: b: c; d@example.org\r\n",
    ]

    private static let bodies = [
        "", "\r\n", "\r\n\r\n\r\n", "body\r\n", "no final line ending", "body\r\n\r\n\r\n",
        "body  \r\n\t\r\nmore\t \r\n",
        "body\r\n \r\n\t\t\r\n\r\n", "  two  words\t\tand \t tabs\r\n..dots\r\n.\r\n",
        "body\r\n\r\n  middle\r\n\r\nend  ",
        String(repeating: "a line of many words and some more\r\n", count: 1500),
    ]

    /// Every header with every body, each signed by both keys in one way of taking them.
    private func samples(_ canonicalization: DKIMCanonicalization, by signers: [DKIMSigner]) throws -> [[UInt8]] {
        let signers = signers.map { signer in
            var signer = signer
            signer.canonicalization = canonicalization
            signer.signedFields.append("X-A")
            return signer
        }
        return try Self.headers.flatMap { header in
            try Self.bodies.map { body in
                let signed = try SigningSamples.signed(Array("\(header)\r\n\(body)".utf8), by: signers)
                // As it arrives: the last line of what SMTP carries is always ended.
                return body.isEmpty || body.hasSuffix("\r\n") ? signed : signed + [13, 10]
            }
        }
    }

    private static func shown(_ message: [UInt8]) -> String {
        String(String(decoding: message.prefix(3000), as: UTF8.self).debugDescription)
    }

    private let forms: [DKIMCanonicalization] = [
        .relaxed, .simple, .init(header: .relaxed, body: .simple), .init(header: .simple, body: .relaxed),
    ]

    func testDkimpyVerifiesBothKeysOverMessagesOfEveryShape() throws {
        let signers = try SigningSamples.signers()
        let records = try SigningSamples.records(of: signers)
        let messages = try forms.flatMap { try samples($0, by: signers) }
        for (message, verdict) in zip(messages, try SignatureVerifiers.dkimpy(messages, records)) {
            XCTAssertEqual(verdict, [true, true], Self.shown(message))
        }
    }

    func testOpenDKIMVerifiesMessagesOfEveryShape() throws {
        let signers = try Array(SigningSamples.signers().prefix(1))
        let records = try SigningSamples.records(of: signers)
        let messages = try forms.flatMap { try samples($0, by: signers) }
        for (message, verdict) in zip(messages, try SignatureVerifiers.openDKIM(messages, records)) {
            XCTAssertEqual(verdict, [true], Self.shown(message))
        }
    }

    func testVerifiersAcceptWhatTheWriterMakes() async throws {
        let signers = try SigningSamples.signers()
        var messages: [InternetMessage] = [
            try SigningSamples.message(), try SigningSamples.message { $0.text = nil },
            try SigningSamples.message { $0.text = "" }, try SigningSamples.message { $0.html = "<p>Grüße</p>" },
            try SigningSamples.message { $0.subject = String(repeating: "sehr lange Überschrift ", count: 40) },
            try SigningSamples.message { message in
                message.to = try (0..<50).map { try Mailbox("Lehrer \($0) <t\($0)@example.net>") }
                message.cc = [try Mailbox("\"Quoted, Name\" <c@example.net>")]
                message.replyTo = [try Mailbox("r@example.org")]
                message.references = (0..<40).map { "\($0).reference@example.org" }
                message.fields = [
                    try HeaderField("List-Unsubscribe", "<https://example.org/u?a=b;c=d>"),
                    try HeaderField("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                ]
            },
        ]
        let random = SeededRandom(seed: 7)
        let attachment = (0..<5_000_000 / 8).flatMap { _ in
            withUnsafeBytes(of: random.next()) { Array($0) }
        }
        messages.append(
            try SigningSamples.message {
                $0.attachments = [MIMEPart(fileName: "a.pdf", mediaType: .pdf, bytes: attachment)]
            })
        let capture = CaptureTransport()
        let transport = DKIMTransport(capture, signers: signers)
        for message in messages { _ = try await transport.deliver(try SigningSamples.mail(message)) }
        let signed = capture.mails.map(\.bytes)
        let records = try SigningSamples.records(of: signers)
        XCTAssertEqual(
            try SignatureVerifiers.dkimpy(signed, records), Array(repeating: [true, true], count: messages.count))
        let byRSA = signers.prefix(1)
        let once = try messages.map { try SigningSamples.signed($0.encoded(), by: Array(byRSA)) }
        XCTAssertEqual(
            try SignatureVerifiers.openDKIM(once, records), Array(repeating: [true], count: messages.count))
    }

    func testVerifiersRefuseWhatWasChangedOnTheWay() throws {
        let signers = try SigningSamples.signers()
        let records = try SigningSamples.records(of: signers)
        let signed = String(
            decoding: try SigningSamples.signed(SigningSamples.message().encoded(), by: signers), as: UTF8.self)
        let harmless = [
            "X-Added: by a relay\r\n" + signed, "Received: from x by y\r\n" + signed,
            signed.replacing("Subject: ", with: "SUBJECT:\t "), signed.replacing("soon", with: "soon  "),
            signed + "\r\n\r\n",
        ]
        let harmful = [
            signed.replacing("Dear", with: "Deer"), signed.replacing("see  you", with: "seeyou"),
            signed.replacing("Subject: ", with: "Subject: Re: "), "From: other@example.org\r\n" + signed,
            "Subject: other\r\n" + signed, "Reply-To: other@example.org\r\n" + signed,
            "Content-Type: text/html\r\n" + signed, signed + "more\r\n",
            signed.replacing("t=1763714096", with: "t=1763714097"),
        ]
        for text in harmless + harmful { XCTAssertNotEqual(text, signed) }
        let messages = (harmless + harmful).map { Array($0.utf8) }
        let verdicts = try SignatureVerifiers.dkimpy(messages, records)
        XCTAssertEqual(Array(verdicts.prefix(harmless.count)), harmless.map { _ in [true, true] })
        for (text, verdict) in zip(harmful, verdicts.dropFirst(harmless.count)) {
            XCTAssertEqual(verdict, [false, false], text)
        }
    }

    func testOpenDKIMRefusesWhatWasChangedOnTheWay() throws {
        let signers = try Array(SigningSamples.signers().prefix(1))
        let bytes = try SigningSamples.signed(SigningSamples.message().encoded(), by: signers)
        let signed = String(decoding: bytes, as: UTF8.self)
        let messages = [
            signed, signed.replacing("soon", with: "soon  "), signed.replacing("Dear", with: "Deer"),
            signed.replacing("Subject: ", with: "Subject: Re: "), "Reply-To: other@example.org\r\n" + signed,
        ]
        let verdicts = try SignatureVerifiers.openDKIM(
            messages.map { Array($0.utf8) }, SigningSamples.records(of: signers))
        XCTAssertEqual(verdicts, [[true], [true], [false], [false], [false]])
    }

    func testVerifiersRefuseAnExpiredSignatureAndAnotherKey() throws {
        var signers = try SigningSamples.signers()
        let records = try SigningSamples.records(of: signers)
        let bytes = try SigningSamples.message().encoded()
        for index in signers.indices { signers[index].lifetime = .seconds(60) }
        let expired = try SigningSamples.signed(bytes, by: signers)
        XCTAssertEqual(try SignatureVerifiers.dkimpy([expired], records), [[false, false]])

        let other = try SigningSamples.made(["genpkey", "-algorithm", "ED25519"])
        let foreign = DKIMSigner(domain: "example.org", selector: "ed", key: .pem(other))
        let forged = try SigningSamples.signed(bytes, by: [foreign])
        XCTAssertEqual(try SignatureVerifiers.dkimpy([forged], records), [[false]])
    }

    func testDkimpyAcceptsAnIdentityAndAnInternationalDomain() throws {
        var signers = try SigningSamples.signers()
        for index in signers.indices {
            signers[index].domain = "bücher.example"
            signers[index].identity = "\"a;b=c é\"@post.bücher.example"
        }
        let signed = try SigningSamples.signed(SigningSamples.message().encoded(), by: signers)
        let records = try SigningSamples.records(of: signers)
        XCTAssertEqual(records.keys.sorted().first, "ed._domainkey.xn--bcher-kva.example")
        XCTAssertEqual(try SignatureVerifiers.dkimpy([signed], records), [[true, true]])
    }
}

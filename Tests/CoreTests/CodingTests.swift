import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import XCTest

final class CodingTests: XCTestCase {
    func testDigestsAgreeWithThePublishedVectors() {
        XCTAssertEqual(
            SHA256Digest(of: []).description, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        XCTAssertEqual(
            SHA256Digest(of: Array("abc".utf8)).description,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        XCTAssertEqual(
            SHA256Digest(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)).description,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        XCTAssertEqual(
            SHA256Digest(of: [UInt8](repeating: 0x61, count: 1_000_000)).description,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    func testFingerprintsAgreeWithThePublishedVectors() {
        XCTAssertEqual(Fingerprint(of: []).rawValue, 0xEF46_DB37_51D8_E999)
        XCTAssertEqual(Fingerprint(of: Array("a".utf8)).rawValue, 0xD24E_C4F1_A98C_6E5B)
        XCTAssertEqual(Fingerprint(of: Array("abc".utf8)).rawValue, 0x44BC_2CF5_AD77_0999)
        XCTAssertEqual(
            Fingerprint(of: Array("Nobody inspects the spammish repetition".utf8)).rawValue, 0xFBCE_A83C_8A37_8BF1)
    }

    func testJobIDsAreWrittenSoThatTheyReadBackAndSortByTime() {
        let random = SeededRandom(seed: 7)
        var earlier: JobID?
        for step in 0..<200 {
            let id = JobID(at: Date(timeIntervalSince1970: Double(step) * 1000), random: random)
            XCTAssertEqual(JobID(id.description), id)
            XCTAssertEqual(JobID(id.description.uppercased()), id)
            if let earlier {
                XCTAssertLessThan(earlier, id)
                XCTAssertLessThan(earlier.description, id.description)
            }
            earlier = id
        }
        XCTAssertNil(JobID("short"))
        XCTAssertNil(JobID("zzzzzzzzzzzzzzzzzzzzzzzzzz"))
        XCTAssertNil(JobID("01234567890123456789012 45"))
    }

    func testSubmissionsReadBackAsTheyWereWritten() throws {
        let submission = Self.submission
        let copy = try Submission(encodedHeader: submission.encodedHeader()[...])
        XCTAssertEqual(copy.id, submission.id)
        XCTAssertEqual(copy.queue, submission.queue)
        XCTAssertEqual(copy.channel, submission.channel)
        XCTAssertEqual(copy.messageID, submission.messageID)
        XCTAssertEqual(copy.recipients, submission.recipients)
        XCTAssertEqual(copy.createdAt, submission.createdAt)
        XCTAssertEqual(copy.notBefore, submission.notBefore)
        XCTAssertEqual(copy.expiresAt, submission.expiresAt)
        XCTAssertEqual(copy.utcOffsetMinutes, -90)
        XCTAssertEqual(copy.idempotency, submission.idempotency)
        XCTAssertEqual(copy.retryPolicy, "urgent")
        XCTAssertEqual(copy.tags, submission.tags)
    }

    func testMessagesReadBackAsTheyWereWritten() throws {
        var message = Message(
            from: "Zoé <zoe@example.org>", to: [.to("a@example.org", name: "Anaïs")], subject: "Été",
            document: Document(
                template: "letter", values: ["list": ["a", ["b": true]], "name": "x"], locale: "fr",
                timeZone: "Europe/Paris"))
        message.html = "<p>é</p>"
        message.reversePath = .address("bounces@example.org")
        message.replyTo = ["r@example.org"]
        message.inReplyTo = ["1@example.org"]
        message.references = ["0@example.org", "1@example.org"]
        message.fields = [try HeaderField("X-Club", "É")]
        message.attachments = [Attachment(fileName: "é.pdf", mediaType: .pdf, bytes: [1, 2, 3])]
        var submission = Self.submission
        submission.payload = message.encodedContent()
        submission.attachments = message.attachments.map(\.content)
        let copy = try Message(submission: submission)
        XCTAssertEqual(copy.encodedContent(), message.encodedContent())
        XCTAssertEqual(copy.attachments, message.attachments)
        XCTAssertEqual(copy.attachments[0].content.bytes, [1, 2, 3])
        XCTAssertEqual(copy.document?.values, message.document?.values)
        XCTAssertEqual(copy.document?.date, submission.createdAt)
        XCTAssertEqual(copy.messageID, submission.messageID)
        submission.attachments = []
        XCTAssertThrowsError(try Message(submission: submission), "an attachment is missing")
    }

    func testTheSecondEditionOfAMessageIsWrittenOnlyWhereItIsNeeded() throws {
        var message = Message(from: "a@example.org", to: [.to("b@example.org")], subject: "s", text: "t")
        let plain = message.encodedContent()
        XCTAssertEqual(plain.first, 1)
        message.sender = "Office <office@example.org>"
        message.unsubscribe = try .oneClick("https://example.org/u", mail: EmailAddress("leave@example.org"))
        let full = message.encodedContent()
        XCTAssertEqual(full.first, 2)
        XCTAssertEqual(full[1..<plain.count], plain[1...])
        var submission = Self.submission
        submission.payload = full
        let copy = try Message(submission: submission)
        XCTAssertEqual(copy.sender, message.sender)
        XCTAssertEqual(copy.unsubscribe, message.unsubscribe)
        XCTAssertEqual(copy.encodedContent(), full)
        for length in 0..<full.count {
            submission.payload = Array(full[..<length])
            XCTAssertThrowsError(try Message(submission: submission), "cut at \(length)")
        }
    }

    func testDamagedBytesAreRefusedAndNeverTrap() {
        let header = Self.submission.encodedHeader()
        for length in 0..<header.count {
            XCTAssertThrowsError(try Submission(encodedHeader: header[..<length]), "cut at \(length)")
        }
        let random = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            var damaged = header
            damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next())
            _ = try? Submission(encodedHeader: damaged[...])
        }
    }

    private static let submission = Submission(
        id: JobID(at: Date(timeIntervalSince1970: 1_700_000_000), random: SeededRandom(seed: 1)), queue: "letters",
        messageID: "1@example.org",
        recipients: [
            .to("a@example.org", name: "Anaïs"), .bcc("b@example.org"),
        ],
        createdAt: Date(timeIntervalSince1970: 1_700_000_000.123), utcOffsetMinutes: -90,
        notBefore: Date(timeIntervalSince1970: 1_700_000_002), expiresAt: Date(timeIntervalSince1970: 1_700_100_000),
        idempotency: .init(key: "k", lifetime: .seconds(5), fingerprint: Fingerprint(of: [1])),
        retryPolicy: "urgent", tags: ["club": "Équestre", "user": "7"])
}

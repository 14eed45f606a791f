import Foundation
import Mailroom
import MailroomTesting
import XCTest

final class ValueCodingTests: XCTestCase {
    func testNumbersReadBackExactly() throws {
        for written in [
            "0", "1", "-1", "100", "0.05", "-0.05", "1234567.125", "12345678901234567890123456789012345678",
            "340282366920938463463374607431768211455", "-340282366920938463463374607431768211455",
            "340282366920938463463374607431768211455e127", "340282366920938463463374607431768211450e126",
            "1e127", "1e-128", "340282366920938463463374607431768211455e-128",
        ] {
            let number = try XCTUnwrap(Decimal(string: written), written)
            let copy = try Self.copy(.number(number))
            XCTAssertEqual(copy, .number(number), written)
            guard case .number(let read) = copy else { return XCTFail("no number") }
            XCTAssertEqual(read.description, number.description)
        }
        XCTAssertEqual(try Self.copy(.number(.nan)), .number(.nan))
        XCTAssertEqual(try Self.copy(["list": [1, 2.5, ["n": -3]]]), ["list": [1, 2.5, ["n": -3]]])
    }

    func testEqualNumbersGiveEqualBytes() throws {
        let hundred = Self.message(.number(100)).encodedContent()
        for same in [
            Decimal(string: "100.00"), Decimal(sign: .plus, exponent: 2, significand: 1),
            Decimal(sign: .plus, exponent: -3, significand: 100_000), Decimal(1_000) / 10,
        ] {
            XCTAssertEqual(Self.message(.number(try XCTUnwrap(same))).encodedContent(), hundred)
        }
        XCTAssertEqual(
            Self.message(.number(try XCTUnwrap(Decimal(string: "0.000")))).encodedContent(),
            Self.message(0).encodedContent())
        XCTAssertNotEqual(Self.message(.number(-100)).encodedContent(), hundred)
        XCTAssertNotEqual(Self.message(.text("100")).encodedContent(), hundred)
    }

    func testNumberLiteralsAreWhatIsWritten() {
        XCTAssertEqual(0.1 as Document.Value, .number(Decimal(sign: .plus, exponent: -1, significand: 1)))
        XCTAssertEqual(1.21 as Document.Value, .number(Decimal(sign: .plus, exponent: -2, significand: 121)))
        XCTAssertEqual(-12345678901.25 as Document.Value, .number(Decimal(-1_234_567_890_125) / 100))
        XCTAssertEqual(85 as Document.Value, .number(85))
    }

    func testDamagedNumbersAreRefusedAndNeverTrap() throws {
        let whole = Self.message(.number(Decimal(-1234.5))).encodedContent()
        for length in 0..<whole.count {
            XCTAssertThrowsError(try Self.read(Array(whole[..<length])), "cut at \(length)")
        }
        let random = SeededRandom(seed: 5)
        for _ in 0..<4000 {
            var damaged = whole
            damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next())
            guard let read = try? Self.read(damaged), case .number(let number)? = read.document?.values["v"] else {
                continue
            }
            XCTAssertLessThanOrEqual(number.description.utf8.count, 170)
        }
    }

    private static func message(_ value: Document.Value) -> Message {
        Message(
            from: "a@example.org", to: [.to("b@example.org")], subject: "s",
            document: Document(template: "letter", values: ["v": value]))
    }

    private static func copy(_ value: Document.Value) throws -> Document.Value? {
        try read(message(value).encodedContent()).document?.values["v"]
    }

    private static func read(_ payload: [UInt8]) throws -> Message {
        var submission = Submission(
            id: JobID(at: Date(timeIntervalSince1970: 1_700_000_000), random: SeededRandom(seed: 1)), queue: "letters",
            messageID: "1@example.org", recipients: [.to("b@example.org")],
            createdAt: Date(timeIntervalSince1970: 1_700_000_000), utcOffsetMinutes: 0,
            notBefore: Date(timeIntervalSince1970: 1_700_000_002),
            expiresAt: Date(timeIntervalSince1970: 1_700_100_000))
        submission.payload = payload
        return try Message(submission: submission)
    }
}

import Mailroom
import MailroomLibraries
import TestSupport
import XCTest

@testable import MailroomRedisBroker

final class RedisCodecTests: XCTestCase {
    private let replies: [(bytes: String, value: RESPValue)] = [
        ("+OK\r\n", .text("OK")),
        ("-NOSCRIPT No matching script. Please use EVAL.\r\n", .error("NOSCRIPT No matching script. Please use EVAL.")),
        (":1\r\n", .integer(1)), (":-1\r\n", .integer(-1)), ("$-1\r\n", .null), ("*-1\r\n", .null),
        ("*0\r\n", .array([])), ("$0\r\n\r\n", .bytes([])), ("$4\r\na\r\nb\r\n", .bytes(Array("a\r\nb".utf8))),
        (
            "*3\r\n$3\r\n0-0\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*0\r\n*0\r\n",
            .array([
                .bytes(Array("0-0".utf8)), .array([.array([.bytes(Array("1-0".utf8)), .array([])])]), .array([]),
            ])
        ),
    ]

    func testReadsRepliesThatComeAByteAtATime() throws {
        for (bytes, value) in replies {
            var parser = RESPParser()
            var found: RESPValue?
            for (index, byte) in bytes.utf8.enumerated() {
                XCTAssertNil(found, "complete before octet \(index) of \(bytes)")
                parser.receive([byte])
                found = try parser.next()
            }
            XCTAssertEqual(found, value)
            XCTAssertFalse(parser.isWithinReply)
        }
    }

    func testReadsManyRepliesHoweverTheyAreSplit() throws {
        var random = SeededGenerator(7)
        for _ in 0..<300 {
            let chosen = (0..<20).map { _ in replies.randomElement(using: &random)! }
            var rest = Array(chosen.map(\.bytes).joined().utf8)[...]
            var parser = RESPParser()
            var values: [RESPValue] = []
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...40, using: &random))
                rest = rest.dropFirst(part.count)
                parser.receive(Array(part))
                while let value = try parser.next() { values.append(value) }
            }
            XCTAssertEqual(values, chosen.map(\.value))
        }
    }

    func testRefusesWhatIsNoReply() {
        for bytes in [
            "?\r\n", "\r\n", ":\r\n", ":1x\r\n", ":12345678901234567890\r\n", "$-2\r\n", "$x\r\n", "*-2\r\n",
            "$1\r\nabc\r\n", "HTTP/1.1 400 Bad Request\r\n", "+OK\n", "*1048577\r\n", "$536870913\r\n",
            String(repeating: "*1\r\n", count: 17), "+" + String(repeating: "x", count: 70_000),
        ] {
            var parser = RESPParser()
            parser.receive(Array(bytes.utf8))
            XCTAssertThrowsError(try { while try parser.next() != nil {} }(), String(bytes.prefix(40)))
        }
    }

    func testNeverTrapsOnRandomBytes() {
        var random = SeededGenerator(11)
        let alphabet = Array("+-:$*0123456789\r\n\r\nab".utf8)
        var refused = 0
        for _ in 0..<5000 {
            var parser = RESPParser(limits: .init(bytes: 1000, elements: 100, depth: 4, line: 100))
            do {
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    parser.receive((0..<5).map { _ in alphabet.randomElement(using: &random)! })
                    while try parser.next() != nil {}
                }
            } catch {
                refused += 1
            }
        }
        XCTAssertGreaterThan(refused, 1000)
    }

    func testWritesCommandsAsArraysOfStrings() {
        XCTAssertEqual(
            String(decoding: RESPWriter.command("SET", "a", "", "0123456789x"), as: UTF8.self),
            "*4\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n$11\r\n0123456789x\r\n")
    }

    func testNamesScriptsByTheirSHA1() {
        XCTAssertEqual(SHA1Digest.hexadecimal(of: "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
        XCTAssertEqual(
            SHA1Digest.hexadecimal(of: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }

    func testReadsBackTheMessagePackThatItWrites() throws {
        var writer = MessagePackWriter()
        let numbers: [Int64] = [0, 127, 128, -1, 1 << 40, .max, .min]
        let texts = ["", "a", String(repeating: "é", count: 40), String(repeating: "x", count: 70_000)]
        writer.write(arrayOf: numbers.count + texts.count + 1)
        for number in numbers { writer.write(number) }
        for text in texts { writer.write(text) }
        writer.write(orFalse: nil)
        var reader = MessagePackReader(writer.bytes)
        XCTAssertEqual(try reader.array(), 12)
        for number in numbers { XCTAssertEqual(try reader.integer(), number) }
        for text in texts { XCTAssertEqual(try reader.string(), text) }
        XCTAssertNil(try reader.stringOrFalse())
        XCTAssertThrowsError(try reader.integer())
    }

    func testRefusesAStoredJobThatIsCutAnywhere() throws {
        var submission = makeSubmission(attachments: [Attachment.Content([1])], key: "k")
        submission.tags = ["club": "x"]
        let whole = StoredJob(submission).encoded(isNew: false)
        XCTAssertNoThrow(try StoredJob(whole))
        for length in 0..<whole.count {
            XCTAssertThrowsError(try StoredJob(Array(whole.prefix(length))), "cut to \(length)")
        }
    }
}

import XCTest

@testable import MailroomDKIM

final class CanonicalizationTests: XCTestCase {
    private func header(_ form: DKIMCanonicalization.Form, _ fields: String...) -> String {
        var output: [UInt8] = []
        for field in fields { form.append(field: Array(field.utf8), to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private func body(_ form: DKIMCanonicalization.Form, _ text: String, blockSize: Int = 16_384) -> String {
        var output: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { form.feed(body: $0, blockSize: blockSize) { output += $0 } }
        return String(decoding: output, as: UTF8.self)
    }

    func testMatchesTheExampleOfRFC6376() {
        XCTAssertEqual(header(.relaxed, "A: X\r\n", "B : Y\t\r\n\tZ  \r\n"), "a:X\r\nb:Y Z\r\n")
        XCTAssertEqual(header(.simple, "A: X\r\n", "B : Y\t\r\n\tZ  \r\n"), "A: X\r\nB : Y\t\r\n\tZ  \r\n")
        XCTAssertEqual(body(.relaxed, " C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n")
        XCTAssertEqual(body(.simple, " C \r\nD \t E\r\n\r\n\r\n"), " C \r\nD \t E\r\n")
    }

    func testRelaxesNamesAndValuesOfFields() {
        XCTAssertEqual(header(.relaxed, "SUBJECT:\r\n \r\n\t a:B  c :d\r\n"), "subject:a:B c :d\r\n")
        XCTAssertEqual(header(.relaxed, "X-Empty:\r\n"), "x-empty:\r\n")
        XCTAssertEqual(header(.relaxed, "X-Blank:   \t \r\n"), "x-blank:\r\n")
        XCTAssertEqual(header(.relaxed, "No-End: value"), "no-end:value\r\n")
        XCTAssertEqual(header(.simple, "No-End: value"), "No-End: value\r\n")
    }

    func testKnowsEmptyBodiesApart() {
        for text in ["", "\r\n", "\r\n\r\n\r\n"] {
            XCTAssertEqual(body(.simple, text), "\r\n")
            XCTAssertEqual(body(.relaxed, text), "")
        }
        XCTAssertEqual(body(.relaxed, " \t\r\n  \r\n"), "")
        XCTAssertEqual(body(.simple, " \r\n\r\n"), " \r\n")
    }

    func testEndsTheLastLine() {
        XCTAssertEqual(body(.simple, "no end"), "no end\r\n")
        XCTAssertEqual(body(.relaxed, "no end \t"), "no end\r\n")
        XCTAssertEqual(body(.relaxed, "text\r\n \r\n\t \t"), "text\r\n")
        XCTAssertEqual(body(.simple, "text\r\n "), "text\r\n \r\n")
    }

    func testLeavesLoneLineEndingsWhereTheyAre() {
        XCTAssertEqual(body(.relaxed, "a \rb \nc\r\n"), "a \rb \nc\r\n")
        XCTAssertEqual(body(.simple, "a\n\n"), "a\n\n\r\n")
    }

    func testGivesTheSameWhereverABlockEnds() {
        var random = SystemRandomNumberGenerator()
        let words = ["\r\n", "\r\n", " ", "\t", "a", "word", "=3D", ".", "\r", "\n", String(repeating: "x", count: 40)]
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 0...60)).map { _ in words.randomElement(using: &random) ?? "" }.joined()
            for form in [DKIMCanonicalization.Form.simple, .relaxed] {
                let expected = Self.reference(text, form)
                for size in [1, 2, 3, 7, 64, 16_384] {
                    let found = body(form, text, blockSize: size)
                    XCTAssertEqual(
                        Array(found.utf8), Array(expected.utf8), "\(form), blocks of \(size): \(Array(text.utf8))")
                }
            }
        }
    }

    /// The rules as they are written, line by line.
    private static func reference(_ text: String, _ form: DKIMCanonicalization.Form) -> String {
        var lines: [[UInt8]] = [[]]
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == 13, at + 1 < bytes.count, bytes[at + 1] == 10 {
                lines.append([])
                at += 2
            } else {
                lines[lines.count - 1].append(bytes[at])
                at += 1
            }
        }
        if form == .relaxed {
            lines = lines.map { line in
                var reduced: [UInt8] = []
                for byte in line {
                    if byte != 32, byte != 9 { reduced.append(byte) } else if reduced.last != 32 { reduced.append(32) }
                }
                if reduced.last == 32 { reduced.removeLast() }
                return reduced
            }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        if lines.isEmpty { return form == .simple ? "\r\n" : "" }
        return String(decoding: Array(lines.joined(separator: [13, 10])), as: UTF8.self) + "\r\n"
    }
}

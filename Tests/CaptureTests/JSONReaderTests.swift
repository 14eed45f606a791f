import TestSupport
import XCTest

@testable import MailroomCapture

/// The JSON of requests.
final class JSONReaderTests: XCTestCase {
    func testJSONIsReadAsItIsWritten() throws {
        let text = #" {"a":[1,-2.5e1,true,false,null,"x\u00e4\ud83d\ude00\n\/\ud800y"],"b":{},"c":[]} "#
        XCTAssertEqual(
            try JSONReader.value(of: Array(text.utf8)),
            .object([
                .init(
                    name: "a",
                    value: .array([
                        .number(1), .number(-25), .boolean(true), .boolean(false), .null, .string("xä😀\n/\u{FFFD}y"),
                    ])), .init(name: "b", value: .object([])), .init(name: "c", value: .array([])),
            ]))
    }

    func testWhatIsNoJSONIsRefused() {
        for text in [
            "", " ", "{", "[", "{]", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "\"a", "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"", "\"\\u+123\"", "01", "1.", ".5", "+1", "-", "1e", "tru", "nullx", "1 2", "NaN", "1e999",
            String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
            String(repeating: "9", count: 5000),
        ] {
            XCTAssertThrowsError(try JSONReader.value(of: Array(text.utf8)), String(text.prefix(20)))
        }
    }
}

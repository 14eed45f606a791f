import MailroomMIME
import XCTest

final class HeaderFieldTests: XCTestCase {
    func testAcceptsUnicodeValuesAndTabs() throws {
        XCTAssertEqual(try HeaderField("X-Club", "Zoé\tund Ümläute").value, "Zoé\tund Ümläute")
        XCTAssertEqual(try HeaderField("X!#$%&'*+-.^_`{|}~1", "").value, "")
    }

    func testRefusesControlsInValues() {
        for byte in (0..<32).filter({ $0 != 9 }) + [127] {
            let value = "a" + String(Unicode.Scalar(UInt8(byte))) + "b"
            XCTAssertThrowsError(try HeaderField("X-A", value), "\(byte)")
        }
        XCTAssertThrowsError(try HeaderField("X-A", "a\r\nBcc: b@c.org")) { error in
            XCTAssertEqual((error as? HeaderError)?.field, "X-A")
            XCTAssertFalse("\(error)".contains("Bcc"))
        }
    }

    func testRefusesNamesThatAreNoFieldNames() {
        for name in ["", "X A", "X:", "Xé", "X\r\nY", "X\0", " X", String(repeating: "x", count: 77)] {
            XCTAssertThrowsError(try HeaderField(name, "v"), name.debugDescription)
        }
    }

    func testReadsMediaTypes() throws {
        let type = try MediaType("Text/Plain; Charset=utf-8; name=\"a \\\"b\\\".txt\" ;")
        XCTAssertEqual(type.essence, "text/plain")
        XCTAssertEqual(type["charset"], "utf-8")
        XCTAssertEqual(type["NAME"], "a \"b\".txt")
        XCTAssertEqual(type.description, "text/plain; charset=utf-8; name=\"a \\\"b\\\".txt\"")
        XCTAssertEqual(try MediaType(type.description), type)
        XCTAssertEqual(try MediaType("application/pdf"), .pdf)
        for text in [
            "", "text", "text/", "/plain", "text/plain charset=x", "text/plain; charset", "a/b; c=d; C=e",
            "a/b\r\nBcc: x", "a/b; c=\"d",
        ] {
            XCTAssertThrowsError(try MediaType(text), text.debugDescription)
        }
        XCTAssertThrowsError(try MediaType.pdf.with("na me", "x"))
        XCTAssertThrowsError(try MediaType.pdf.with("name*", "x"))
        XCTAssertThrowsError(try MediaType("a/b; name*=utf-8''x"))
        XCTAssertThrowsError(try MediaType.pdf.with("name", "x\n"))
    }
}

import Mailroom
import XCTest

final class AdapterURLTests: XCTestCase {
    func testEveryPartIsReadAndDecodedExactly() throws {
        let url = try AdapterURL("SMTP://us%2Fer:p%40s%3As+x@[::1]:2525/a%20b?name=x%26y&empty=&flag")
        XCTAssertEqual(url.scheme, "smtp")
        XCTAssertEqual(url.user, "us/er")
        XCTAssertEqual(url.password, "p@s:s+x")
        XCTAssertEqual(url.host, "::1")
        XCTAssertEqual(url.port, 2525)
        XCTAssertEqual(url.path, "/a b")
        XCTAssertEqual(url["name"], "x&y")
        XCTAssertEqual(url["empty"], "")
        XCTAssertEqual(url["flag"], "")
        XCTAssertNil(url["other"])
        XCTAssertFalse(url.description.contains("p@s"))
        XCTAssertEqual(try AdapterURL("file:./queue").path, "./queue")
        XCTAssertEqual(try AdapterURL("file:///var/queue").path, "/var/queue")
        XCTAssertEqual(try AdapterURL("memory:").path, "")
        XCTAssertEqual(try AdapterURL("smtp://[fe80::1%25eth0]:25").host, "fe80::1%eth0")
        XCTAssertEqual(try AdapterURL("file:a%2Bb%252B%c3%a9+").path, "a+b%2Bé+")
    }

    func testWhatIsNoURLIsRefusedWithoutRepeatingASecret() {
        let cases = [
            "", "queue", ":x", "sm tp://h", "smtp://h:0", "smtp://h:65536", "smtp://h:x", "file:%zz", "file:%C3",
            "smtp://[::1]x", "smtp://[fe80::1%eth0]", "smtp://h:+25", "smtp://h:", "smtp://h:٢٥", "file:q%00x",
            "file:q\0x",
            "file:%",
            "file:%2", "file:%+2", "smtp://a%00b@h", "smtp://user:se/cret@host", "smtp://user:secret/x@host:25",
        ]
        for text in cases {
            XCTAssertThrowsError(try AdapterURL(text), text) { error in
                XCTAssertFalse("\(error)".contains("se/cret"), "\(error)")
                XCTAssertFalse("\(error)".contains("secret"), "\(error)")
                XCTAssertFalse("\(error)".contains(" se "), "\(error)")
            }
        }
    }

    func testAPasswordWithAQuestionMarkIsNotRepeatedAsAnUnknownOption() {
        let scheme = TransportScheme("smtp") { _ throws(ConfigurationError) in
            throw ConfigurationError([ConfigurationProblem("smtp", "made")])
        }
        XCTAssertThrowsError(try AdapterSchemes(transports: [scheme]).transport("smtp://user?secret@host")) { error in
            XCTAssertFalse("\(error)".contains("secret"), "\(error)")
        }
    }
}

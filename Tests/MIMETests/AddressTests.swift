import MailroomMIME
import TestSupport
import XCTest

final class AddressTests: XCTestCase {
    func testAcceptsWhatTheStandardsAllow() throws {
        for text in [
            "a@b.org", "first.last+tag@example.org", "-dash@example.org", "x@localhost", "o'neil@example.co.uk",
            "\"a b\"@example.org", "\"a@b\"@example.org", "\"a\\\"b\"@example.org", "a@[127.0.0.1]",
            "a@[IPv6:2001:db8::1]", "a@[IPv6:::1]", "a@[IPv6:::ffff:127.0.0.1]", "zoé@example.org",
            "a@münchen.de", "用户@例子.中国", "a@xn--mnchen-3ya.de", "a@ελλάδα.gr", "a@пример.рф",
            "1@2.a3", "a@b-c.d", "a@1.2c", "a@x--y.org",
            String(repeating: "a", count: 64) + "@" + String(repeating: "b.", count: 90) + "org",
            String(repeating: "a", count: 64) + "@example.org",
            "a@" + String(repeating: "b", count: 63) + ".org", "a@MÜNCHEN.de", "ß@straße.de",
        ] {
            XCTAssertEqual(try EmailAddress(text).description, text, text)
        }
    }

    func testRefusesWhatIsNoAddress() {
        for text in [
            "", "a", "@", "a@", "@b.org", "a@b@c.org", "a b@c.org", " a@b.org", "a@b.org ", "a@b .org", "a\r\n@b.org",
            "a@b.org\r\nRCPT TO:<c@d.org>", "a@b.org\n", "a\0@b.org", "a@b\0.org", "a@\tb.org", ".a@b.org", "a.@b.org",
            "a..b@c.org", "a@b.1", "a@b-.c", "a@b.-c", "a@b.c-", "a@1", "a@.", "a@-", "@@", "a.@", ".@b",
            "a@" + String(repeating: "b.", count: 125) + "org", "a@.b.org", "a@b..org", "a@b.org.", "a@-b.org",
            "a@b-.org", "a@b_c.org", "a@127.0.0.1",
            "a@[127.0.0.256]", "a@[127.0.0]", "a@[IPv6:1::2::3]", "a@[IPv6:12345::]", "a@[x:y]", "a@[127.0.0.1",
            "\"a@b.org", "\"\"@b.org", "\"a\"b@c.org", "\"a\n\"@b.org", "a<b@c.org", "<a@b.org>", "a,b@c.org",
            "a@b\u{200B}.org", "a\u{200D}@b.org", "a\u{202E}@b.org", "a@\u{2066}b.org", "a@b\u{AD}c.org",
            "a\u{7F}@b.org",
            "a\u{85}@b.org", "a\u{A0}@b.org", "a＠b.org", "a@b．org", "a@b。org", "a@pаypal.org", "a@\u{301}b.org",
            "a@[\u{301}127.0.0.1]", "a@b.\u{301}org", "a@b/c.org", "a@☃.org", "a@ｂ.org",
            String(repeating: "a", count: 65) + "@b.org", "a@" + String(repeating: "b", count: 64) + ".org",
            "a@" + String(repeating: "ü", count: 63) + ".org",
            "a@" + Array(repeating: String(repeating: "b", count: 60), count: 5).joined(separator: "."),
        ] {
            XCTAssertThrowsError(try EmailAddress(text), text.debugDescription)
        }
    }

    func testJudgesEveryShortPlainAddressAsTheGrammarDoes() {
        var random = SeededGenerator(19)
        let alphabet = Array("aZ1-._@")
        var valid = 0
        for _ in 0..<100_000 {
            let text = String(
                (0..<Int.random(in: 1...9, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            let halves = text.split(separator: "@", omittingEmptySubsequences: false)
            let labels = halves.last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
            let isAddress =
                halves.count == 2
                && halves[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
                && labels.allSatisfy { !$0.isEmpty && $0.first != "-" && $0.last != "-" && !$0.contains("_") }
                && labels.last?.allSatisfy(\.isNumber) == false
            XCTAssertEqual((try? EmailAddress(text))?.description, isAddress ? text : nil, text)
            if isAddress { valid += 1 }
        }
        XCTAssertGreaterThan(valid, 1000)
    }

    func testAnErrorSaysWhatToDoAndEscapesControls() {
        XCTAssertThrowsError(try EmailAddress("a\r\nb@c.org")) { error in
            let shown = "\(error)"
            XCTAssertFalse(shown.contains("\r") || shown.contains("\n"), shown)
            XCTAssertTrue(shown.contains("remove it"), shown)
            XCTAssertEqual((error as? AddressError)?.text, "a\r\nb@c.org")
        }
    }

    func testComparesDomainsWithoutLetterCaseAndLocalPartsWith() throws {
        XCTAssertEqual(try EmailAddress("a@Example.ORG"), try EmailAddress("a@example.org"))
        XCTAssertEqual(Set([try EmailAddress("a@Example.ORG"), try EmailAddress("a@example.org")]).count, 1)
        XCTAssertNotEqual(try EmailAddress("A@example.org"), try EmailAddress("a@example.org"))
    }

    func testWritesInternationalDomainsAsALabels() throws {
        for (text, ascii) in [
            ("a@münchen.de", "xn--mnchen-3ya.de"), ("a@MÜNCHEN.de", "xn--mnchen-3ya.de"),
            ("a@mu\u{308}nchen.de", "xn--mnchen-3ya.de"), ("a@例子.中国", "xn--fsqu00a.xn--fiqs8s"),
            ("a@пример.рф", "xn--e1afmkfd.xn--p1ai"), ("a@straße.de", "xn--strae-oqa.de"),
            ("a@bücher.example.org", "xn--bcher-kva.example.org"),
            ("a@他们为什么不说中文.org", "xn--ihqwcrb4cv8a8dqg056pqjye.org"),
        ] {
            XCTAssertEqual(try EmailAddress(text).asciiDomain, ascii)
        }
        XCTAssertTrue(try EmailAddress("a@münchen.de").needsSMTPUTF8)
        XCTAssertFalse(try EmailAddress("a@xn--mnchen-3ya.de").needsSMTPUTF8)
    }

    func testReadsMailboxes() throws {
        func check(_ text: String, _ name: String?, _ address: String, line: UInt = #line) throws {
            let mailbox = try Mailbox(text)
            XCTAssertEqual(mailbox.name, name, line: line)
            XCTAssertEqual(mailbox.address.description, address, line: line)
            XCTAssertEqual(try Mailbox(mailbox.description), mailbox, line: line)
        }
        try check("Zoé <zoe@example.org>", "Zoé", "zoe@example.org")
        try check("\"A, B\" <a@b.org>", "A, B", "a@b.org")
        try check("\"A \\\"x\\\" <B\" <a@b.org>", "A \"x\" <B", "a@b.org")
        try check(" a@b.org ", nil, "a@b.org")
        try check("<a@b.org>", nil, "a@b.org")
        try check("Dr. No <a@b.org>", "Dr. No", "a@b.org")
        for text in [
            "", "A <a@b.org", "A a@b.org>", "A\r\nBcc: x <a@b.org>", "A <<a@b.org>", "A \"b <a@b.org>", "A <>",
        ] {
            XCTAssertThrowsError(try Mailbox(text), text.debugDescription)
        }
        XCTAssertNotNil(Mailbox(name: "A\nB", address: try EmailAddress("a@b.org")).problem)
        XCTAssertNil(Mailbox(name: "Zoé", address: try EmailAddress("a@b.org")).problem)
    }
}

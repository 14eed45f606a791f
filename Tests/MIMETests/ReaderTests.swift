import MailroomMIME
import XCTest

final class ReaderTests: XCTestCase {
    private func read(_ text: String, limits: ReaderLimits = .standard) -> Entity {
        Entity(parsing: Array(text.utf8), limits: limits)
    }

    func testUnfoldsFieldsOfBothLineEndings() {
        for ending in ["\r\n", "\n"] {
            let text = ["From x Mon Jan 1", "A: one", "\ttwo ", "Obsolete  : three", "", "body", "", "end"].joined(
                separator: ending)
            let entity = read(text)
            XCTAssertEqual(entity.fields.map(\.name), ["A", "Obsolete"])
            XCTAssertEqual(entity.first("a"), "one\ttwo")
            XCTAssertEqual(entity.first("obsolete"), "three")
            XCTAssertEqual(string(entity.body), "body\(ending)\(ending)end")
        }
    }

    func testTakesALineThatIsNoFieldForTheBody() {
        XCTAssertEqual(read("A: b\nnot a field\nC: d\n\nx").plainText, "not a field\nC: d\n\nx")
        XCTAssertEqual(read("no header at all").plainText, "no header at all")
        XCTAssertEqual(read("").body, [])
        XCTAssertEqual(read("\n").body, [])
        XCTAssertEqual(read("A: b").first("A"), "b")
    }

    func testAFieldWithAMangledNameDoesNotEndTheHeader() {
        let entity = read("Subject: a\nMÃ©ssage: b\nContent-Type: text/html\n\n<p>")
        XCTAssertEqual(entity.fields.map(\.name), ["Subject", "MÃ©ssage", "Content-Type"])
        XCTAssertEqual(entity.html, "<p>")
    }

    func testABoundaryThatLooksEncodedIsTakenLiterally() {
        let entity = read("Content-Type: multipart/mixed; boundary=\"=?a?Q?b?=\"\n\n--=?a?Q?b?=\n\nx\n--=?a?Q?b?=--")
        XCTAssertEqual(entity.parts.map { string($0.body) }, ["x"])
    }

    func testDecodesEncodedWords() {
        func decoded(_ value: String) -> String? { read("Subject: \(value)\n\n").first("Subject") }
        XCTAssertEqual(decoded("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?q?_an?= alle"), "Grüße an alle")
        XCTAssertEqual(decoded("=?iso-8859-1?Q?a?=\r\n =?utf-8?B?w7w=?="), "aü")
        XCTAssertEqual(decoded("=?utf-8?B?w7?= =?utf-8?B?w=?="), decoded("=?utf-8?B?w7?= =?utf-8?B?w=?="))
        XCTAssertEqual(decoded("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "ü")
        XCTAssertEqual(decoded("=?us-ascii*en?Q?hi?="), "hi")
        XCTAssertEqual(decoded("=?windows-1251?Q?=CF=F0?="), "Пр")
        XCTAssertEqual(decoded("=?nonsense?Q?=C3=BC?="), "ü")
        XCTAssertEqual(decoded("=?utf-8?X?abc?= =?utf-8?Q?a"), "=?utf-8?X?abc?= =?utf-8?Q?a")
        XCTAssertEqual(decoded("=?utf-8?Q?a=0D=0ABcc:_b?="), "a  Bcc: b")
        XCTAssertEqual(decoded("a =?utf-8?Q?b?= c"), "a b c")
    }

    func testDecodesParametersInEveryForm() {
        func name(_ rest: String) -> String? { read("Content-Disposition: attachment; \(rest)\n\n").fileName }
        XCTAssertEqual(name("filename=a.txt"), "a.txt")
        XCTAssertEqual(name("filename=\"a \\\"b\\\".txt\" (comment)"), "a \"b\".txt")
        XCTAssertEqual(name("filename*=utf-8'de'Zo%C3%A9.txt"), "Zoé.txt")
        XCTAssertEqual(name("filename=x.txt; filename*=iso-8859-1''%FC.txt"), "ü.txt")
        XCTAssertEqual(name("filename*1=\"b.txt\"; filename*0*=utf-8''%C3%BC"), "üb.txt")
        XCTAssertEqual(name("filename*0=aa; filename*1=bb; filename*2=cc"), "aabbcc")
        XCTAssertEqual(name("filename=\"=?utf-8?Q?=C3=BC.txt?=\""), "ü.txt")
        XCTAssertEqual(name("filename*0=\"=?utf-8?Q?=C3\"; filename*1=\"=BC.txt?=\""), "ü.txt")
        XCTAssertEqual(name("filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D"), "=?utf-8?Q?x?=")
        XCTAssertEqual(name("filename=\"..\\..\\C:\\dir\\a.txt\""), "a.txt")
        XCTAssertEqual(name("filename=\"../../etc/passwd\""), "passwd")
        XCTAssertEqual(name("filename=two words.txt ; x=y"), "two words.txt")
        XCTAssertNil(name("filename=\"..\""))
        XCTAssertEqual(read("Content-Type: text/plain; name=n.txt\n\n").fileName, "n.txt")
    }

    func testDecodesBodiesAndCharacterSets() {
        func text(_ type: String, _ encoding: String, _ body: String) -> String? {
            read("Content-Type: \(type)\nContent-Transfer-Encoding: \(encoding)\n\n\(body)").plainText
        }
        XCTAssertEqual(text("text/plain; charset=utf-8", "quoted-printable", "a=C3=BC=  \nb  \n=zz="), "aüb\n=zz")
        XCTAssertEqual(text("text/plain; charset=iso-8859-1", "QUOTED-PRINTABLE", "=FC=80"), "ü€")
        XCTAssertEqual(text("text/plain; charset=\"utf-16\"", "base64", "/v8A/ABi"), "üb")
        XCTAssertEqual(text("text/plain; charset=koi8-r", "base64", "8NLJ18XU"), "Привет")
        XCTAssertEqual(text("text/plain; charset=shift_jis", "base64", "k/qWew=="), "日本")
        XCTAssertEqual(text("text/plain; charset=iso-2022-jp", "7bit", "\u{1B}$BF|K\\\u{1B}(B"), "日本")
        XCTAssertEqual(text("text/plain; charset=iso-8859-15", "base64", "pA=="), "€")
        XCTAssertEqual(text("text/plain; charset=gb2312", "base64", "ztI="), "我")
        XCTAssertEqual(text("text/plain; charset=iso-2022-kr", "base64", "GyQpQw4+SA8="), "안")
        XCTAssertEqual(text("text/plain; charset=hz-gb-2312", "7bit", "~{VP~}"), "中")
        XCTAssertEqual(text("text/plain; charset=utf-7", "7bit", "Zo+AOk-"), "Zoé")
        XCTAssertEqual(text("text/plain; charset=iso-8859-8-i", "base64", "+Q=="), "ש")
        XCTAssertEqual(text("text/plain; charset=windows-949", "base64", "sKE="), "가")
        XCTAssertEqual(text("text/plain; charset=x-none", "8bit", "ü"), "ü")
        XCTAssertEqual(text("text/plain; charset=windows-1257", "base64", "QaHA"), "A\u{FFFD}Ą")
        XCTAssertEqual(text("text/plain", "x-uuencode", "begin 644 a.txt\n%:&5L;&\\\n`\nend\n"), nil)
        let uu = read(
            "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\n")
        XCTAssertEqual(string(uu.body), "hello")
        XCTAssertEqual(uu.fileName, "a.txt")
    }

    func testTakesMultipartsApart() {
        let entity = read(
            """
            Content-Type: multipart/mixed; boundary="b"

            preamble
            --b
            Content-Type: multipart/alternative; boundary=b-2

            --b-2

            text

            --b-2\t
            Content-Type: text/html

            <p>
            --b-2--
            epilogue
            --b
            Content-Type: application/pdf; name=x.pdf
            Content-ID: <c@d>

            %PDF
            --bcd
            --b--
            --b

            after the end
            """)
        XCTAssertEqual(entity.parts.count, 2)
        XCTAssertEqual(entity.plainText, "text\n")
        XCTAssertEqual(entity.html, "<p>")
        XCTAssertEqual(entity.attachments.map(\.fileName), ["x.pdf"])
        XCTAssertEqual(entity.attachments.first.map { string($0.body) }, "%PDF\n--bcd")
        XCTAssertEqual(entity.attachments.first?.contentID, "c@d")
    }

    func testForgivesAMissingCloseDelimiterAndAMissingBoundary() {
        XCTAssertEqual(
            read("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n").parts.map { string($0.body) },
            ["one", "two\n"])
        XCTAssertEqual(string(read("Content-Type: multipart/mixed\n\n--b\n\none").body), "--b\n\none")
        XCTAssertEqual(string(read("Content-Type: multipart/mixed; boundary=b\n\nnone").body), "none")
        XCTAssertEqual(
            read("Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b--").parts.map(\.body), [[], []])
        let outer = read(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--a\n\ny\n--a--"
        )
        XCTAssertEqual(outer.parts.count, 2)
        XCTAssertEqual(outer.parts[0].parts.map { string($0.body) }, ["x"])
    }

    func testReadsMessagesWithinMessages() {
        let digest = read("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--")
        XCTAssertEqual(digest.parts.first?.contentType, .message)
        XCTAssertEqual(digest.parts.first?.parts.first?.first("Subject"), "one")
        XCTAssertEqual(digest.attachments.count, 1)
    }

    func testWhatIsReadCanBeWrittenAgainWithoutHarm() throws {
        let part = read("Content-Type: a/b; x\ry=1; ok=\"v\rw\"; é=1; c=d\n\nx")
        XCTAssertEqual(part.contentType.parameters.map(\.name), ["ok", "c"])
        var message = try Samples.message()
        message.attachments = [MIMEPart(mediaType: part.contentType, bytes: part.body)]
        assertSevenBitLines(message.encoded())
    }

    func testReadsAddressLists() throws {
        let entity = read(
            """
            To: "Doe, Jane" <jane@example.org>, bob@example.org (Bob), =?utf-8?Q?Zo=C3=A9?=
             <zoe@example.org>, Friends: a@example.org, <@r1,@r2:b@example.org>;, nonsense, undisclosed:;


            """)
        XCTAssertEqual(
            entity.mailboxes("to").map(\.description),
            [
                "\"Doe, Jane\" <jane@example.org>", "Bob <bob@example.org>", "Zoé <zoe@example.org>", "a@example.org",
                "b@example.org",
            ])
    }

    func testKeepsToItsLimits() {
        var text = "x"
        for level in 0..<40 {
            text = "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n\(text)\n--b\(level)--\n"
        }
        var entity = read(text)
        var depth = 0
        XCTAssertTrue(entity.isTruncated)
        while let part = entity.parts.first { (entity, depth) = (part, depth + 1) }
        XCTAssertEqual(depth, 32)

        let many = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 50)
        XCTAssertEqual(read(many, limits: ReaderLimits(parts: 7)).parts.count, 7)
        XCTAssertTrue(read(many, limits: ReaderLimits(parts: 7)).isTruncated)
        XCTAssertFalse(read(many).isTruncated)
        XCTAssertEqual(read(many, limits: ReaderLimits(bodyOctets: 3)).parts.map(\.body.count).reduce(0, +), 3)
        XCTAssertEqual(read("A: 1\n b\nB: 2\n c\nC: 3\n\nx", limits: ReaderLimits(fields: 1)).fields.map(\.name), ["A"])
        XCTAssertEqual(string(read("A: 1\n b\nB: 2\n c\nC: 3\n\nx", limits: ReaderLimits(fields: 1)).body), "x")
        XCTAssertEqual(read("A: 123456789\n\nx", limits: ReaderLimits(headerOctets: 5)).fields.count, 0)
    }
}

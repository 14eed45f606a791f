import MailroomMIME
import XCTest

final class WriterTests: XCTestCase {
    func testWritesALoneTextWithoutMultipart() throws {
        let message = try Samples.message(from: ["Zoe <a@example.org>"], subject: "Hello", text: "One\nTwo")
        XCTAssertEqual(
            string(message.encoded()),
            """
            Date: Fri, 21 Nov 2025 09:34:56 +0100\r
            From: Zoe <a@example.org>\r
            To: b@example.org\r
            Subject: Hello\r
            Message-ID: <1@example.org>\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 7bit\r
            \r
            One\r
            Two\r

            """)
    }

    func testNestsRelatedInAlternativeInMixed() throws {
        var message = try Samples.message(text: "T", html: "<img src=cid:i@x>")
        message.inline = [MIMEPart(fileName: "i.png", mediaType: .png, bytes: [1, 2, 3], contentID: "i@x")]
        message.attachments = [MIMEPart(fileName: "a b.pdf", mediaType: .pdf, bytes: Array("%PDF".utf8))]
        let bytes = message.encoded()
        let body = string(bytes).components(separatedBy: "MIME-Version: 1.0\r\n").last
        let b = "=_" + (string(bytes).components(separatedBy: "boundary=\"=_").last?.prefix(16) ?? "")
        XCTAssertEqual(
            body,
            """
            Content-Type: multipart/mixed;\r
             boundary="\(b)_1"\r
            \r
            --\(b)_1\r
            Content-Type: multipart/alternative;\r
             boundary="\(b)_2"\r
            \r
            --\(b)_2\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 7bit\r
            \r
            T\r
            --\(b)_2\r
            Content-Type: multipart/related;\r
             boundary="\(b)_3"; type="text/html"\r
            \r
            --\(b)_3\r
            Content-Type: text/html; charset=utf-8\r
            Content-Transfer-Encoding: 7bit\r
            \r
            <img src=cid:i@x>\r
            --\(b)_3\r
            Content-Type: image/png\r
            Content-Transfer-Encoding: base64\r
            Content-ID: <i@x>\r
            Content-Disposition: inline; filename=i.png\r
            \r
            AQID\r
            \r
            --\(b)_3--\r
            \r
            --\(b)_2--\r
            \r
            --\(b)_1\r
            Content-Type: application/pdf\r
            Content-Transfer-Encoding: base64\r
            Content-Disposition: attachment; filename="a b.pdf"\r
            \r
            JVBERg==\r
            \r
            --\(b)_1--\r

            """)
        XCTAssertEqual(bytes, message.encoded())
    }

    func testChoosesTheShorterEncodedWordAndDividesNoCharacter() throws {
        func subject(_ text: String) throws -> String {
            written("Subject", try Samples.message(subject: text).encoded())
        }
        XCTAssertEqual(
            try subject("Einladung zum Trainingscafé bald"),
            "Subject: Einladung zum =?utf-8?Q?Trainingscaf=C3=A9?= bald")
        XCTAssertEqual(try subject("Re: Привет"), "Subject: Re: =?utf-8?B?0J/RgNC40LLQtdGC?=")
        XCTAssertEqual(
            try subject("literally =?utf-8?Q?x?= here"), "Subject: literally =?utf-8?B?PT91dGYtOD9RP3g/PQ==?= here"
        )
        XCTAssertEqual(try subject("plain = ok"), "Subject: plain = ok")
        let long = try subject(String(repeating: "日本語", count: 30))
        for line in long.components(separatedBy: "\r\n") {
            XCTAssertLessThanOrEqual(line.utf8.count, 76, line)
            XCTAssertTrue(line.hasSuffix("?="), line)
            let word = line.drop { $0 != "=" }.dropFirst(10).dropLast(2)
            XCTAssertNotNil(String(validating: Base64Tests.decode(String(word)), as: UTF8.self), line)
        }
        XCTAssertEqual(
            Entity(parsing: try Samples.message(subject: String(repeating: "日本語", count: 30)).encoded()).first(
                "Subject"),
            String(repeating: "日本語", count: 30))
    }

    func testFoldsALongSubjectAtBlanksAndKeepsThem() throws {
        let subject = Array(repeating: "word  two", count: 20).joined(separator: "   ")
        let bytes = try Samples.message(subject: subject).encoded()
        XCTAssertTrue(written("Subject", bytes).components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        XCTAssertEqual(Entity(parsing: bytes).first("Subject"), subject)
    }

    func testFoldsAddressListsBetweenMailboxesAndWritesDomainsInASCII() throws {
        let message = try Samples.message(
            from: ["Zoë Müller <zoe@münchen.de>"],
            to: [
                "\"Doe, Jane\" <jane@example.org>", "bob@example.org",
                "Alexander the Longest of Names <alex@example.org>",
            ])
        let bytes = message.encoded()
        XCTAssertEqual(
            written("From", bytes), "From: =?utf-8?B?Wm/DqyBNw7xsbGVy?= <zoe@xn--mnchen-3ya.de>")
        XCTAssertEqual(
            written("To", bytes),
            "To: \"Doe, Jane\" <jane@example.org>, bob@example.org,\r\n Alexander the Longest of Names <alex@example.org>"
        )
    }

    func testWritesFileNamesAsRFC2231Says() throws {
        func disposition(_ name: String) throws -> String {
            var message = try Samples.message()
            message.attachments = [MIMEPart(fileName: name, mediaType: .pdf, bytes: [1])]
            let text = string(message.encoded())
            let tail = text.components(separatedBy: "Content-Disposition: ").last ?? ""
            return tail.components(separatedBy: "\r\n\r\n").first ?? ""
        }
        XCTAssertEqual(try disposition("a.pdf"), "attachment; filename=a.pdf")
        XCTAssertEqual(try disposition("a \"b\".pdf"), "attachment; filename=\"a \\\"b\\\".pdf\"")
        XCTAssertEqual(try disposition("Zoé.pdf"), "attachment; filename*=utf-8''Zo%C3%A9.pdf")
        XCTAssertEqual(
            try disposition("Übersicht der Trainerinnen und Trainer im Frühjahr.pdf"),
            """
            attachment;\r
             filename*0*=utf-8''%C3%9Cbersicht%20der%20Trainerinnen%20und%20Trainer%20;\r
             filename*1*=im%20Fr%C3%BChjahr.pdf
            """)
        XCTAssertEqual(
            try disposition(String(repeating: "0123456789", count: 7)),
            """
            attachment;\r
             filename*0="012345678901234567890123456789";\r
             filename*1="012345678901234567890123456789";\r
             filename*2="0123456789"
            """)
    }

    func testQuotedPrintableProtectsWhatOthersWouldChange() throws {
        func body(_ text: String) throws -> [String] {
            let parts = string(try Samples.message(text: text).encoded()).components(separatedBy: "\r\n\r\n")
            return [
                parts[0].components(separatedBy: "\r\n").last ?? "", parts.dropFirst().joined(separator: "\r\n\r\n"),
            ]
        }
        let quoted = "Content-Transfer-Encoding: quoted-printable"
        XCTAssertEqual(try body("a \nb"), [quoted, "a=20\r\nb\r\n"])
        XCTAssertEqual(try body("a\t\nFrom b\n.\n..x"), [quoted, "a=09\r\n=46rom b\r\n=2E\r\n=2E.x\r\n"])
        XCTAssertEqual(try body("Trainingscafé = gut\n"), [quoted, "Trainingscaf=C3=A9 =3D gut\r\n"])
        XCTAssertEqual(try body("x\0y"), [quoted, "x=00y\r\n"])
        XCTAssertEqual(try body("--=_x"), [quoted, "--=3D_x\r\n"])
        XCTAssertEqual(
            try body(String(repeating: "a", count: 79)), [quoted, String(repeating: "a", count: 75) + "=\r\naaaa\r\n"])
        XCTAssertEqual(
            try body(String(repeating: "a", count: 76) + "\né"),
            [quoted, String(repeating: "a", count: 76) + "\r\n=C3=A9\r\n"])
        XCTAssertEqual(
            try body(String(repeating: "a", count: 75) + "From ."),
            [quoted, String(repeating: "a", count: 75) + "=\r\n=46rom .\r\n"])
        XCTAssertEqual(try body("Привет\r"), ["Content-Transfer-Encoding: base64", "0J/RgNC40LLQtdGCDQo=\r\n"])
        XCTAssertEqual(try body("a\rb\nc\r\nd"), ["Content-Transfer-Encoding: 7bit", "a\r\nb\r\nc\r\nd\r\n"])
        XCTAssertEqual(try body(""), ["Content-Transfer-Encoding: 7bit", ""])
    }

    func testAttachesACleanMessageAsItIsAndAnyOtherAsOctets() throws {
        var outer = try Samples.message()
        let inner = try Samples.message(subject: "inner", text: "i", html: "<p>").encoded()
        outer.attachments = [MIMEPart(mediaType: .message, bytes: inner)]
        let read = Entity(parsing: outer.encoded())
        XCTAssertEqual(read.attachments.first?.body, inner)
        XCTAssertEqual(read.attachments.first?.parts.first?.first("Subject"), "inner")
        outer.attachments = [MIMEPart(mediaType: .message, bytes: Array("Subject: ü\n\nx".utf8))]
        XCTAssertEqual(Entity(parsing: outer.encoded()).attachments.first?.contentType, .octetStream)
    }

    func testAMessageWithinOneOfTheSameIDHasAnotherBoundary() throws {
        var outer = try Samples.message()
        for _ in 0..<3 { outer.attachments = [MIMEPart(mediaType: .message, bytes: outer.encoded())] }
        var entity = Entity(parsing: outer.encoded())
        for _ in 0..<3 {
            XCTAssertEqual(entity.parts.count, 2)
            entity = try XCTUnwrap(entity.attachments.first?.parts.first)
        }
        XCTAssertEqual(entity.plainText, "T\r\n")
    }

    func testWritesIDsAndThreads() throws {
        var message = try Samples.message()
        message.inReplyTo = ["0@example.org"]
        message.references = (0..<6).map { "message-\($0)@long.example.org" }
        let bytes = message.encoded()
        XCTAssertEqual(written("In-Reply-To", bytes), "In-Reply-To: <0@example.org>")
        XCTAssertEqual(
            written("References", bytes),
            """
            References: <message-0@long.example.org> <message-1@long.example.org>\r
             <message-2@long.example.org> <message-3@long.example.org>\r
             <message-4@long.example.org> <message-5@long.example.org>
            """)
    }

    func testToldDatesAreThoseOfTheCalendar() {
        func text(_ seconds: Int64, _ offset: Int = 0) -> String {
            MessageDate(secondsSince1970: seconds, utcOffset: offset).description
        }
        XCTAssertEqual(text(0), "Thu, 1 Jan 1970 00:00:00 +0000")
        XCTAssertEqual(text(-1), "Wed, 31 Dec 1969 23:59:59 +0000")
        XCTAssertEqual(text(951_782_400, -330), "Mon, 28 Feb 2000 18:30:00 -0530")
        XCTAssertEqual(text(951_868_799, 1), "Wed, 1 Mar 2000 00:00:59 +0001")
        XCTAssertEqual(text(4_107_542_400), "Mon, 1 Mar 2100 00:00:00 +0000")
        XCTAssertEqual(text(.max, .max), text(.max, 1439))
        XCTAssertEqual(text(.min, .min), text(.min, -1439))
    }
}

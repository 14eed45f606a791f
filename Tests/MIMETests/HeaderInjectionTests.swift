import MailroomMIME
import XCTest

/// What could end a line, or imitates what could, in every place of a message that reaches its header.
final class HeaderInjectionTests: XCTestCase {
    private static let breaks = ["\r\n", "\r", "\n", "\0", "\u{B}", "\u{C}", "\u{1B}", "\u{7F}"]
    private static let separators = ["\u{85}", "\u{9B}", "\u{2028}", "\u{2029}"]
    /// Their low octets are CR and LF: a writer that cuts code points to octets would break the line.
    private static let lookAlikes = ["\u{10A}", "\u{10D}", "\u{560A}", "\u{560D}", "\u{760A}", "\u{760D}"]

    private static func evil(_ text: String) -> String { "x\(text)Bcc: victim@example.org" }

    /// Every place, with how a text gets there.
    private static let places: [(field: String, put: @Sendable (inout InternetMessage, String) -> Void)] = [
        ("Subject", { $0.subject = $1 }),
        ("From", { $0.from[0].name = $1 }),
        ("Sender", { $0.sender = Mailbox(name: $1, address: $0.from[0].address) }),
        ("Reply-To", { $0.replyTo = [Mailbox(name: $1, address: $0.from[0].address)] }),
        ("To", { $0.to[0].name = $1 }),
        ("Cc", { $0.cc = [Mailbox(name: $1, address: $0.from[0].address)] }),
        ("Message-ID", { $0.messageID = $1 }),
        ("In-Reply-To", { $0.inReplyTo = ["a@b", $1] }),
        ("References", { $0.references = [$1, "a@b"] }),
        ("file name", { $0.attachments = [MIMEPart(fileName: $1, bytes: [1])] }),
        ("Content-ID", { $0.inline = [MIMEPart(bytes: [1], contentID: $1)] }),
    ]

    func testWhatEndsALineIsNamedAsAProblemInEveryPlaceAndMakesNoField() throws {
        for text in Self.breaks + Self.separators {
            for (field, put) in Self.places {
                var message = try Samples.message()
                message.html = "<p>"
                put(&message, Self.evil(text))
                XCTAssertEqual(message.problems().map(\.field), [field], "\(field) \(text.debugDescription)")
                check(message, "\(field) \(text.debugDescription)")
            }
        }
    }

    func testLookAlikesAreCarriedUnharmedAndMakeNoField() throws {
        for text in Self.lookAlikes {
            let evil = Self.evil(text)
            for (field, put) in Self.places {
                var message = try Samples.message()
                message.html = "<p>"
                put(&message, evil)
                let read = check(message, "\(field) \(text.debugDescription)")
                switch field {
                case "Subject": XCTAssertEqual(read.first(field), evil)
                case "From", "Sender", "Reply-To", "To", "Cc": XCTAssertEqual(read.mailboxes(field).first?.name, evil)
                case "file name": XCTAssertEqual(read.attachments.first?.fileName, evil)
                default: XCTAssertEqual(message.problems().map(\.field), [field])
                }
            }
            let custom = try HeaderField("X-Club", evil)
            var message = try Samples.message()
            message.fields = [custom]
            XCTAssertEqual(check(message, text.debugDescription, adding: ["X-Club"]).first("X-Club"), evil)
            XCTAssertThrowsError(try HeaderField("X\(text)Club", "x"))
            XCTAssertThrowsError(try ListUnsubscribe(["https://example.org/\(text)"]))
        }
    }

    func testWhatIsCheckedWhenItIsMadeCannotHoldWhatEndsALine() throws {
        for text in Self.breaks + Self.separators {
            let evil = Self.evil(text)
            XCTAssertThrowsError(try HeaderField("X-Club", evil), text.debugDescription)
            XCTAssertThrowsError(try HeaderField("X\(text)Club", "x"), text.debugDescription)
            XCTAssertThrowsError(try Mailbox("\(evil) <a@example.org>"), text.debugDescription)
            XCTAssertThrowsError(try EmailAddress("a\(text)@example.org"), text.debugDescription)
            XCTAssertThrowsError(try EmailAddress("\"a\(text)\"@example.org"), text.debugDescription)
            XCTAssertThrowsError(try EmailAddress("a@example\(text).org"), text.debugDescription)
            XCTAssertThrowsError(try EmailAddress("a@[IPv6:::1\(text)]"), text.debugDescription)
            XCTAssertThrowsError(try MediaType("text/plain; name=\"\(evil)\""), text.debugDescription)
            XCTAssertThrowsError(try MediaType("text/pl\(text)ain"), text.debugDescription)
            XCTAssertThrowsError(try MediaType.pdf.with("name", evil), text.debugDescription)
            XCTAssertThrowsError(try MediaType.pdf.with("na\(text)me", "x"), text.debugDescription)
            XCTAssertThrowsError(try ListUnsubscribe(["https://example.org/\(evil)"]), text.debugDescription)
        }
    }

    /// Commas, quotes and brackets within names, encoded or not, add no recipient and hide none.
    func testNamesAddNoRecipients() throws {
        let hostile = [
            "a@evil.org, b", "é a@evil.org, b", "é\", <c@evil.org>, \"", "x\" <c@evil.org>", "é <c@evil.org>",
            "é:a@evil.org;",
            "(é)", "é\\", "\\", "\"", "=?utf-8?Q?a=2C?=", "é=?utf-8?Q?=2C_b=40evil.org?=", "é,", ",", "<>", ";", ":",
            String(repeating: "é, c@evil.org, ", count: 20), "@", "a b@evil.org", "é\u{FF0C}b@evil.org",
        ]
        for first in hostile {
            for second in hostile {
                var message = try Samples.message(to: ["a@example.org", "b@example.org", "\"c, d\"@example.org"])
                message.to[0].name = first
                message.to[1].name = second
                XCTAssertEqual(Entity(parsing: message.encoded()).mailboxes("To"), message.to, "\(first) \(second)")
            }
        }
    }

    @discardableResult
    private func check(
        _ message: InternetMessage, _ what: String, adding custom: [String] = [], line: UInt = #line
    ) -> Entity {
        let bytes = message.encoded()
        assertSevenBitLines(bytes, line: line)
        let read = Entity(parsing: bytes)
        let known = Set(
            [
                "Date", "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References",
                "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
            ] + custom)
        XCTAssertTrue(Set(read.fields.map(\.name)).isSubset(of: known), "\(what): \(read.fields)", line: line)
        XCTAssertEqual(Set(read.fields.map(\.name)).count, read.fields.count, what, line: line)
        XCTAssertEqual(read.plainText, "T\n".replacingLineEndings, what, line: line)
        for part in read.attachments {
            XCTAssertEqual(part.body, [1], what, line: line)
            XCTAssertTrue(
                part.fields.allSatisfy { $0.name.hasPrefix("Content-") }, "\(what): \(part.fields)", line: line)
        }
        return read
    }
}

extension String {
    fileprivate var replacingLineEndings: String { split(separator: "\n").joined() + "\r\n" }
}

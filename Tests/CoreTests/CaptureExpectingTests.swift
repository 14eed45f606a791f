import Mailroom
import MailroomMIME
import MailroomTesting
import XCTest

/// The failures' texts are compared whole: they are what a person reads.
final class CaptureExpectingTests: XCTestCase {
    func testWhatIsThereIsAnsweredAndStays() async throws {
        let capture = CaptureTransport()
        await capture.take(
            .club(to: "anna@example.org"), .club(to: "bruno@example.org", subject: "Programme", html: "<b>Hi</b>"))
        XCTAssertEqual(try capture.expect(.to("ANNA@example.org")).number, 1)
        XCTAssertEqual(try capture.expect().number, 1)
        XCTAssertEqual(try capture.expectOne(.to("bruno@example.org"), .subject("Programme")).number, 2)
        XCTAssertEqual(try capture.expect(2, .from("club@example.org")).map(\.number), [1, 2])
        XCTAssertEqual(try capture.expect(2, .from("Club Cycliste <club@example.org>")).count, 2)
        XCTAssertEqual(try capture.expectOne(.htmlContains("Hi")).number, 2)
        XCTAssertEqual(try capture.expect(2, .header("message-id", "<1@example.org>")).count, 2)
        XCTAssertEqual(try capture.expect(2, .channel(.email), .attempt(1)).count, 2)
        XCTAssertEqual(try capture.expect(2, .job(capture.mails[0].id)).count, 2)
        XCTAssertEqual(try capture.expectOne(.subjectContains("gram")).number, 2)
        XCTAssertEqual(try capture.expectOne(.satisfying("in HTML") { $0.html != nil }).number, 2)
        try capture.expectNone(.to("carla@example.org"))
        XCTAssertEqual(capture.mails.count, 2)
        XCTAssertEqual(capture.removeAll().map(\.number), [1, 2])
        try capture.expectNone()
        await capture.take(.club(to: "anna@example.org"))
        XCTAssertEqual(try capture.expectOne().number, 3)
    }

    func testTheNearestMailIsNamedWithWhatIsWrongAboutIt() async {
        let capture = CaptureTransport()
        await capture.take(
            .club(to: "anna@example.org", subject: "Welcome"),
            .club(to: "bruno@example.org", subject: "Your  invitation"),
            .club(to: "carla@example.org", subject: "Programme"))
        let text = await failureText {
            try capture.expectOne(
                .to("bruno@example.org"), .subject("Your invitation"), file: "App/SignUpTests.swift", line: 7)
        }
        XCTAssertEqual(
            text,
            """
            No mail to bruno@example.org with subject "Your invitation" was sent. The nearest is #2: its subject is \
            "Your  invitation", the same but for blanks.
            3 mails were sent:
              #1 to anna@example.org: "Welcome"
            > #2 to bruno@example.org: "Your  invitation"
              #3 to carla@example.org: "Programme"
            Expected at App/SignUpTests.swift:7.
            """)
    }

    func testWhereNothingWasSentItSaysWhenMailsAreCaptured() async {
        let text = await failureText {
            try CaptureTransport().expect(.to("a@example.org"), .attachment("plan.pdf"), file: "A/T.swift", line: 1)
        }
        XCTAssertEqual(
            text,
            """
            No mail to a@example.org with attachment "plan.pdf" was sent.
            Nothing was sent at all. A mail is captured when a worker delivers it, not when it is submitted.
            Expected at A/T.swift:1.
            """)
    }

    func testTooManyAndTooFewAreCountedAndMarked() async {
        let capture = CaptureTransport()
        await capture.take(
            .club(to: "anna@example.org"), .club(to: "bruno@example.org"),
            .club(to: "anna@example.org", subject: "Again"))
        let many = await failureText { try capture.expectOne(.to("anna@example.org"), file: "A/T.swift", line: 1) }
        let list = """

            3 mails were sent:
            > #1 to anna@example.org: "Invitation"
              #2 to bruno@example.org: "Invitation"
            > #3 to anna@example.org: "Again"
            Expected at A/T.swift:1.
            """
        XCTAssertEqual(many, "2 mails to anna@example.org were sent, not 1." + list)
        let unwanted = await failureText { try capture.expectNone(.to("anna@example.org"), file: "A/T.swift", line: 1) }
        XCTAssertEqual(unwanted, "2 mails to anna@example.org were sent; none should have been." + list)
        let few = await failureText { try capture.expect(3, .to("anna@example.org"), file: "A/T.swift", line: 1) }
        XCTAssertEqual(few, "2 mails to anna@example.org were sent, not 3." + list)
        let any = await failureText { try capture.expectNone(file: "A/T.swift", line: 1) }
        XCTAssertEqual(
            any, "3 mails were sent; none should have been." + list.split(separator: ">").joined(separator: " "))
        let none = await failureText { try capture.expect(2, .subject("Other"), file: "A/T.swift", line: 1) }
        XCTAssertTrue(none.hasPrefix("No mail with subject \"Other\" was sent, not 2.\n"), none)
    }

    func testEachConditionSaysWhatIsSoInstead() async {
        let mail = Mail.club(
            to: "anna@example.org", subject: "Sunday", text: "Come and\nride with us.\n",
            attachments: [MIMEPart(fileName: "plan.pdf", bytes: [1]), MIMEPart(bytes: [2])])
        let cases: [(MailMatch, String)] = [
            (.to("anan@example.com"), "it is to anna@example.org"),
            (.from("clubs@example.org"), "it is from Club Cycliste <club@example.org>"),
            (.subject("sunday"), "its subject is \"Sunday\", the same but for letter case"),
            (.subject("Monday"), "its subject is \"Sunday\""),
            (.subjectContains("day trip"), "its subject is \"Sunday\""),
            (.textContains("Ride with"), "its text contains that in other letter case"),
            (.textContains("Come and ride"), "its text contains that with other blanks or line ends"),
            (.textContains("swim"), "its text is \"Come and\\nride with us.\\n\""),
            (.htmlContains("<b>"), "it has no HTML"),
            (.header("X-Season", "2026"), "it has no header X-Season"),
            (.header("Message-ID", "<2@example.org>"), "its header Message-ID is \"<1@example.org>\""),
            (.attachment("plan.doc"), "its attachments are \"plan.pdf\", one without name"),
            (.channel(Channel(rawValue: "pager")), "its channel is email"),
            (.attempt(2), "its attempt is 1"),
            (.satisfying("that has two pages") { _ in false }, "it is none that has two pages"),
        ]
        for (match, words) in cases {
            let capture = CaptureTransport()
            await capture.take(mail)
            XCTAssertFalse(match.holds(for: capture.mails[0]), match.description)
            // Beside a condition that holds, any failing one makes the nearest mail.
            let text = await failureText { try capture.expect(.to("anna@example.org"), match, file: "F", line: 1) }
            XCTAssertEqual(
                text,
                """
                No mail to anna@example.org \(match) was sent. The nearest is #1: \(words).
                1 mail was sent:
                > #1 to anna@example.org: "Sunday"
                Expected at F:1.
                """)
        }
    }

    func testOfMailsAsFarAwayTheOneIsNearestThatMeetsWhatWasAskedFirst() async {
        let capture = CaptureTransport()
        await capture.take(
            .club(to: "bruno@example.org", subject: "Hello"), .club(to: "anna@example.org", subject: "Bill"))
        let byRecipient = await failureText { try capture.expect(.to("bruno@example.org"), .subject("Bill")) }
        XCTAssertTrue(byRecipient.contains("The nearest is #1: its subject is \"Hello\"."), byRecipient)
        let bySubject = await failureText { try capture.expect(.subject("Bill"), .to("bruno@example.org")) }
        XCTAssertTrue(bySubject.contains("The nearest is #2: it is to anna@example.org."), bySubject)
    }

    func testAMailThatIsNotNearIsNotCalledSo() async {
        let capture = CaptureTransport()
        await capture.take(.club(to: "anna@example.org"))
        let text = await failureText {
            try capture.expect(.to("zoe@example.org"), .subject("Bill"), file: "A/T.swift", line: 1)
        }
        XCTAssertEqual(
            text,
            """
            No mail to zoe@example.org with subject "Bill" was sent.
            1 mail was sent:
              #1 to anna@example.org: "Invitation"
            Expected at A/T.swift:1.
            """)
    }

    func testOfManyMailsTheNearestAndTheLastAreShown() async throws {
        let capture = CaptureTransport()
        for number in 1...100 {
            await capture.take(.club(to: "member-\(number)@example.org", subject: number == 3 ? "Welcome" : "Bill"))
        }
        do {
            try capture.expect(.subject("welcome"), file: "A/T.swift", line: 1)
            XCTFail("it was found")
        } catch {
            XCTAssertEqual(error.nearest?.number, 3)
            XCTAssertFalse(error.isCancellation)
            XCTAssertEqual(error.errorDescription, error.description)
            let lines = error.description.split(separator: "\n")
            XCTAssertEqual(lines[1], "100 mails were sent, of which 12 are shown:")
            XCTAssertEqual(lines[2], "> #3 to member-3@example.org: \"Welcome\"")
            XCTAssertEqual(lines[3], "  #90 to member-90@example.org: \"Bill\"")
            XCTAssertEqual(lines.count, 15)
        }
    }

    func testOfMoreThanTwoHundredMailsTheNearestOfTheLastIsNamedAsSuch() async throws {
        let capture = CaptureTransport()
        for number in 1...200 {
            let subject = number == 1 ? "welcome" : number == 2 ? "Welcomed" : "Bill"
            await capture.take(.club(to: "member-\(number)@example.org", subject: subject))
        }
        let ofAll = await failureText { try capture.expect(.subject("Welcome")) }
        XCTAssertTrue(ofAll.contains(" The nearest is #1: its subject is \"welcome\", the same but for"), ofAll)
        await capture.take(.club(to: "member-201@example.org", subject: "Bill"))
        let ofTheLast = await failureText { try capture.expect(.subject("Welcome")) }
        XCTAssertTrue(
            ofTheLast.contains(" The nearest of the last 200 is #2: its subject is \"Welcomed\".\n"), ofTheLast)
        await capture.take(.club(to: "member-202@example.org", subject: "Bill"))
        let ofNone = await failureText { try capture.expect(.subject("Welcome")) }
        XCTAssertTrue(ofNone.hasPrefix("No mail with subject \"Welcome\" was sent.\n202 mails"), ofNone)
    }

    func testALongTextIsShortened() async {
        let capture = CaptureTransport()
        let secret = String(repeating: "blah ", count: 20) + "https://example.org/reset?token=s3cr3t"
        await capture.take(.club(to: "anna@example.org", text: secret))
        let text = await failureText {
            try capture.expect(.to("anna@example.org"), .textContains("hello"), file: "A/T.swift", line: 1)
        }
        XCTAssertFalse(text.contains("s3cr3t"), text)
        XCTAssertTrue(text.contains("its text is \"\(String(repeating: "blah ", count: 14))bl…\""), text)
    }

    func testThePlaceIsTheLineThatAsked() async {
        let text = await failureText { try CaptureTransport().expect() }
        XCTAssertTrue(text.hasSuffix("\nExpected at CoreTests/CaptureExpectingTests.swift:\(#line - 1)."), text)
    }
}

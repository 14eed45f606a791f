import XCTest

@testable import MailroomCapture

/// What a search finds, and what a list shows.
final class SearchTests: XCTestCase {
    private func entry(_ mail: String, from: String? = "a@x.example", to: [String] = ["b@y.example"])
        -> MessageStore.Entry
    {
        MessageStore.Entry(number: 1, message: Samples.captured(MailContent(Array(mail.utf8)), from: from, to: to))
    }

    private let letter =
        "From: =?utf-8?q?J=C3=BCrgen_Gr=C3=BCn?= <jg@x.example>\r\nTo: Anna Berger <anna@y.example>\r\n"
        + "Subject: =?utf-8?b?UmVjaG51bmcgZsO8ciBNw6Ryeg==?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + "<style>hidden</style><p>Gr=C3=BC=C3=9Fe&nbsp;aus <b>Z=C3=BCrich</b> &amp; Bern</p><!-- secret -->\r\n"
        + "--b\r\nContent-Type: application/pdf; name=Rechnung.pdf\r\nContent-Disposition: attachment\r\n"
        + "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n"

    func testWordsAreFoundAsTheyReadWhateverTheirEncoding() {
        let entry = entry(letter, to: ["anna@y.example", "blind@y.example"])
        for query in [
            "jürgen", "GRÜN", "rechnung märz", "\"Rechnung für März\"", "grüße", "\"grüße aus zürich & bern\"",
            "from:jürgen", "from:a@x.example", "to:blind@", "to:anna", "subject:märz", "subject:\"für märz\"",
            "has:pdf", "has:attachment is:unread", "rechnung.pdf", "jg@x.example zürich", "",
        ] {
            XCTAssertTrue(SearchQuery(query).matches(entry), query)
        }
        for query in [
            "hidden", "secret", "=?utf-8", "märz rechnungen", "\"märz für\"", "from:anna", "to:jürgen",
            "subject:zürich",
            "is:read", "style", "JVBERi0", "nosuch:word",
        ] {
            XCTAssertFalse(SearchQuery(query).matches(entry), query)
        }
    }

    func testAListShowsSenderSubjectAndTheFirstWords() {
        let digest = entry(letter).digest
        XCTAssertEqual(digest.sender, "Jürgen Grün")
        XCTAssertEqual(digest.recipients, "Anna Berger")
        XCTAssertEqual(digest.subject, "Rechnung für März")
        XCTAssertEqual(digest.beginning, "Grüße aus Zürich & Bern ")
        XCTAssertTrue(digest.hasPDF)
        XCTAssertEqual(digest.attachmentCount, 1)
    }

    func testAMailWithoutAnythingIsShownByItsEnvelope() {
        let digest = entry("", from: nil, to: ["b@y.example", "c@y.example"]).digest
        XCTAssertEqual(digest.sender, "No sender")
        XCTAssertEqual(digest.recipients, "b@y.example, c@y.example")
        XCTAssertEqual(digest.subject, "(no subject)")
    }

    func testTheFirstWordsAreCutBetweenCharacters() {
        let text = String(repeating: "ü", count: 150)
        let digest = entry("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text).digest
        XCTAssertFalse(digest.beginning.contains("\u{FFFD}"))
        XCTAssertTrue(text.hasPrefix(digest.beginning) && digest.beginning.count > 90)
    }

    func testOnlyTheBeginningOfAVeryLongTextIsLookedThrough() {
        let long = "early\r\n" + String(repeating: "x y z\r\n", count: 40_000) + "late\r\n"
        let entry = entry("Subject: s\r\n\r\n" + long)
        XCTAssertTrue(SearchQuery("early").matches(entry))
        XCTAssertFalse(SearchQuery("late").matches(entry))
    }
}

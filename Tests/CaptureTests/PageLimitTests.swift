import MailroomHTTP
import TestSupport
import XCTest

@testable import MailroomCapture

/// The page in the face of mails and addresses that are made to harm it.
final class PageLimitTests: XCTestCase {
    func testAPlaceBeyondTheEndIsTheLastPage() throws {
        let server = try TestServer()
        try server.send((1...51).map { "Subject: number \($0).\r\n\r\nx" })
        for start in ["51", "100", "9223372036854775807", "99999999999999999999"] {
            let page = try server.ask("GET", "/?start=\(start)").text
            XCTAssertTrue(page.contains(start.count > 19 ? "number 51." : "number 1."), start)
        }
        let last = try XCTUnwrap(server.server.messages.first?.id)
        let gone = try server.ask(
            "POST", "/mail/\(Samples.encoded(last))/delete?start=50", fields: ["Content-Length: 0"])
        let page = try server.ask("GET", try XCTUnwrap(gone.field("Location"))).text
        XCTAssertTrue(page.contains("50 mails") && page.contains("number 51."))
    }

    func testTheMailThatIsReadStaysInAListOfUnreadOnes() throws {
        let server = try TestServer()
        try server.send((1...3).map { "Subject: number \($0).\r\n\r\nx" })
        let ids = server.server.messages.map { Samples.encoded($0.id) }
        let page = try server.ask("GET", "/mail/\(ids[1])?q=is%3Aunread").text
        XCTAssertTrue(page.contains("aria-current=\"true\""))
        XCTAssertTrue(page.contains("3 mails found"))
        let gone = try server.ask("POST", "/mail/\(ids[1])/delete?q=is%3Aunread", fields: ["Content-Length: 0"])
        XCTAssertEqual(gone.field("Location"), "/mail/\(ids[0])?q=is%3Aunread")
    }

    func testALetterMakesNoConnectionByItsLinks() throws {
        let server = try TestServer()
        try server.send([
            "Content-Type: text/html\r\n\r\n<p>a</p><LINK rel=\"pre&#99;onnect\" href=http://t.example><link/rel=prefetch "
                + "href=//t.example><p>b</p><link rel=stylesheet href=x.css"
        ])
        let id = Samples.encoded(try XCTUnwrap(server.server.messages.first?.id))
        let letter = try server.ask("GET", "/mail/\(id)/letter")
        XCTAssertFalse(letter.text.lowercased().contains("<link"))
        XCTAssertTrue(letter.text.contains("<p>a</p><p>b</p>"))
        XCTAssertEqual(letter.field("X-DNS-Prefetch-Control"), "off")
        XCTAssertTrue(try server.ask("GET", "/mail/\(id)").text.contains("3 things elsewhere"))
        XCTAssertTrue(try server.ask("GET", "/mail/\(id)/letter?remote=1").text.contains("stylesheet"))
    }

    func testAPageIsNotFetchedAsAPicture() throws {
        let server = try TestServer()
        try server.send(["Subject: x\r\n\r\ny"])
        let id = Samples.encoded(try XCTUnwrap(server.server.messages.first?.id))
        for path in ["/", "/list", "/mail/\(id)", "/mail/\(id)/source"] {
            XCTAssertEqual(try server.ask("GET", path, fields: ["Sec-Fetch-Dest: image"]).status, 403, path)
            XCTAssertEqual(try server.ask("GET", path, fields: ["Sec-Fetch-Dest: document"]).status, 200, path)
        }
        XCTAssertEqual(server.server.messages(matching: "is:unread").count, 0)
    }

    func testVeryLongTextsAndRecipientsAreCut() throws {
        let server = try TestServer()
        let many = (1...1000).map { "person\($0)@y.example" }
        let text = String(repeating: "words and more words\r\n", count: 100_000)
        try server.send(["Subject: \(String(repeating: "s", count: 900))\r\n\r\n" + text], to: many)
        let list = try server.ask("GET", "/list")
        XCTAssertLessThan(list.body.count, 4000)
        XCTAssertTrue(list.text.contains("person3@y.example and 997 more"))
        XCTAssertEqual(server.server.messages(matching: "to:person1000@ words").count, 1)
        let id = Samples.encoded(try XCTUnwrap(server.server.messages.first?.id))
        for view in ["text", "source"] {
            let page = try server.ask("GET", "/mail/\(id)/\(view)")
            XCTAssertLessThan(page.body.count, 1_200_000, view)
            XCTAssertTrue(page.text.contains("The beginning only"), view)
        }
    }

    func testAPDFIsOneWhateverItWasSentAs() throws {
        let server = try TestServer()
        try server.send([
            "Subject: octets\r\nContent-Type: application/octet-stream; name=bill.pdf\r\n\r\n%PDF-1.4\r\n",
            "Subject: inline\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
                + "Content-Type: application/pdf\r\nContent-Disposition: inline\r\n\r\n%PDF-1.4\r\n--b--\r\n",
        ])
        XCTAssertEqual(server.server.messages(matching: "has:pdf").count, 2)
    }

    func testHTMLMadeToTakeTimeTakesLittle() {
        let html = "<style>" + String(repeating: "</style", count: 37_000)
        let start = ContinuousClock.now
        XCTAssertEqual(HTMLText.words(of: html), " ")
        XCTAssertEqual(HTMLText.words(of: String(repeating: "<style>", count: 37_000)), " ")
        XCTAssertEqual(HTMLText.words(of: String(repeating: "<!--", count: 60_000)), " ")
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(10))
    }

    func testAPageThatTakesTimeHoldsUpNoOtherAnswer() throws {
        let store = MessageStore()
        let page = Page(
            store: store, prefix: "", smtpAddress: "127.0.0.1:1025",
            release: Release(hostname: "h", outgoing: OutgoingServers(), makeTransport: nil))
        var routes = HTTPRoutes()
        PageRoutes(page: page, rules: RulePageRoutes(page: page, book: RuleBook(), invitedJim: .defaults))
            .add(to: &routes)
        let mail = Samples.captured(MailContent(Array("Content-Type: text/html\r\n\r\n<p>a".utf8)))
        try store.add(mail)
        let id = percentEncoded(mail.id)
        for (method, path) in [
            ("GET", "/"), ("GET", "/list"), ("GET", "/mail/\(id)"), ("GET", "/mail/\(id)/letter"),
            ("GET", "/mail/\(id)/part/0"), ("POST", "/mail/\(id)/delete"), ("POST", "/read-all"),
            ("POST", "/delete-all"),
        ] {
            let request = try XCTUnwrap(HTTPRequest(method: method, target: path))
            guard case .later = routes.answer(to: request).body else {
                return XCTFail("\(path) is made on the server's thread")
            }
        }
    }
}

import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

final class PageTests: XCTestCase {
    private func serverWithLetter() throws -> (server: TestServer, id: String) {
        let server = try TestServer()
        try server.send([Samples.letter()], from: "bounces@x.example", to: ["b@y.example", "hidden@y.example"])
        return (server, try XCTUnwrap(server.server.messages.first?.id))
    }

    func testTheListShowsEveryMailEscaped() throws {
        let (server, _) = try serverWithLetter()
        try server.send([
            "From: \"<b>\" <x@x.example>\r\nSubject: <script>alert(1)</script>\r\n\r\n<img src=x onerror=alert(1)>"
        ])
        let page = try server.ask("GET", "/")
        XCTAssertEqual(page.status, 200)
        XCTAssertEqual(page.field("Content-Type"), "text/html; charset=utf-8")
        XCTAssertTrue(page.text.contains("2 mails"))
        XCTAssertTrue(page.text.contains("Volunteers &lt;wanted&gt; für März &amp; more"))
        XCTAssertTrue(page.text.contains("Müsic Club"))
        XCTAssertTrue(page.text.contains("<span class=\"mark\">PDF</span>"))
        XCTAssertTrue(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        XCTAssertFalse(page.text.contains("<script>alert"))
        XCTAssertFalse(page.text.contains("<img"))
    }

    func testNothingInThePagesIsInlineOrFromElsewhere() throws {
        let (server, id) = try serverWithLetter()
        for target in [
            "/", "/mail/\(id)", "/mail/\(id)/pdf", "/mail/\(id)/headers", "/mail/\(id)/source", "/mail/\(id)/parts",
        ] {
            let page = try server.ask("GET", target)
            XCTAssertEqual(page.status, 200, target)
            let policy = try XCTUnwrap(page.field("Content-Security-Policy"))
            XCTAssertTrue(policy.hasPrefix("default-src 'none'; style-src 'self'; script-src 'self';"), policy)
            XCTAssertFalse(policy.contains("unsafe"), policy)
            XCTAssertNil(page.text.range(of: #"<[^>]*\s(style|on\w+)="#, options: .regularExpression), target)
            XCTAssertNil(
                page.text.range(of: #"<[^>]*\s(src|href|data|action)="(https?:)?//"#, options: .regularExpression),
                target)
        }
        for asset in ["page.css", "page.js", "icon.svg"] {
            XCTAssertEqual(try server.ask("GET", "/assets/\(asset)").status, 200, asset)
        }
    }

    func testTheLetterIsShownInASandboxWithItsPictures() throws {
        let (server, id) = try serverWithLetter()
        let page = try server.ask("GET", "/mail/\(id)")
        XCTAssertTrue(page.text.contains("<iframe class=\"letter\" title=\"The letter\" sandbox=\"allow-popups"))
        let letter = try server.ask("GET", "/mail/\(id)/letter")
        XCTAssertTrue(letter.text.contains("<head><base target=\"_blank\">"), letter.text)
        let policy = try XCTUnwrap(letter.field("Content-Security-Policy"))
        XCTAssertTrue(policy.contains("default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"))
        XCTAssertTrue(policy.contains("sandbox allow-popups"))
        XCTAssertFalse(policy.contains("allow-scripts") || policy.contains("allow-same-origin"))
        let source = try XCTUnwrap(
            letter.text.range(of: #"(?<=<img src=")[^"]+"#, options: .regularExpression).map { String(letter.text[$0]) }
        )
        let picture = try server.ask("GET", source)
        XCTAssertEqual(picture.field("Content-Type"), "image/png")
        XCTAssertEqual(picture.body, Samples.picture)
    }

    func testThePDFIsShownAndDownloadedUnchanged() throws {
        let (server, id) = try serverWithLetter()
        let page = try server.ask("GET", "/mail/\(id)/pdf")
        XCTAssertTrue(page.text.contains("Brief für Sie.pdf"))
        let source = try XCTUnwrap(
            page.text.range(of: ##"(?<= data=")[^"#]+"##, options: .regularExpression).map { String(page.text[$0]) })
        let shown = try server.ask("GET", source)
        XCTAssertEqual(shown.field("Content-Type"), "application/pdf")
        XCTAssertEqual(
            shown.field("Content-Disposition"),
            "inline; filename=\"Brief f_r Sie.pdf\"; filename*=UTF-8''Brief%20f%C3%BCr%20Sie.pdf")
        XCTAssertEqual(shown.body, Samples.pdf)
        let file = try server.ask("GET", source + "?download")
        XCTAssertTrue(file.field("Content-Disposition")?.hasPrefix("attachment; ") == true)
        XCTAssertEqual(file.body, Samples.pdf)
    }

    func testAllHeadersAreShownInOrderRepeatedOnesToo() throws {
        let (server, id) = try serverWithLetter()
        let page = try server.ask("GET", "/mail/\(id)/headers").text
        let main = try XCTUnwrap(page.components(separatedBy: "</main>").first)
        let names = main.components(separatedBy: "<dt>").dropFirst().compactMap {
            $0.components(separatedBy: "</dt>").first
        }
        let shown = names.drop { ["From", "To", "Blind copy", "Envelope sender", "Received"].contains($0) == false }
        let fields = server.server.messages[0].text.components(separatedBy: "\r\n\r\n")[0].components(
            separatedBy: "\r\n"
        )
        .filter { !$0.hasPrefix(" ") && !$0.hasPrefix("\t") }.compactMap { $0.components(separatedBy: ":").first }
        XCTAssertEqual(Array(shown.suffix(fields.count)), fields)
        XCTAssertEqual(fields.filter { $0 == "X-Tag" }.count, 2)
        XCTAssertTrue(page.contains("<dd>one</dd>") && page.contains("<dd>two</dd>"))
        XCTAssertTrue(page.contains("<span class=\"decoded\">Volunteers &lt;wanted&gt; für März &amp; more</span>"))
    }

    func testTheEnvelopeIsToldWhereItDiffersFromTheHeader() throws {
        let (server, id) = try serverWithLetter()
        let page = try server.ask("GET", "/mail/\(id)").text
        XCTAssertTrue(page.contains("<dt>Blind copy</dt><dd>hidden@y.example</dd>"))
        XCTAssertTrue(page.contains("<dt>Envelope sender</dt><dd>bounces@x.example</dd>"))
    }

    func testTextAndSourceAreShownAsTheyAre() throws {
        let (server, id) = try serverWithLetter()
        let text = try server.ask("GET", "/mail/\(id)/text").text.replacingOccurrences(of: "\r\n", with: "\n")
        XCTAssertTrue(text.contains("Dear Ms Schneider,\n\nplain text."), text)
        let source = try server.ask("GET", "/mail/\(id)/source").text
        XCTAssertTrue(source.contains("X-Tag: one\r\nX-Tag: two\r\n"))
    }

    func testNoPartRunsInTheServersName() throws {
        let server = try TestServer()
        func part(_ type: String, _ body: String) throws -> TestServer.Answer {
            try server.send([
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: \(type)\r\n"
                    + "Content-Disposition: attachment\r\n\r\n\(body)\r\n--b--"
            ])
            let id = try XCTUnwrap(server.server.messages.last?.id)
            return try server.ask("GET", "/mail/\(id)/part/1")
        }
        for type in ["text/html", "image/svg+xml"] {
            let answer = try part(type, "<script>alert(1)</script>")
            XCTAssertTrue(answer.field("Content-Security-Policy")?.contains("sandbox") == true, type)
        }
        for type in ["application/xhtml+xml", "application/javascript", "application/pdf", "x/y"] {
            let answer = try part(type, "<script>alert(1)</script>")
            XCTAssertEqual(answer.field("Content-Type"), "application/octet-stream", type)
            XCTAssertTrue(answer.field("Content-Disposition")?.hasPrefix("attachment") == true, type)
            XCTAssertEqual(answer.field("X-Content-Type-Options"), "nosniff", type)
        }
    }

    func testDeletingByFormsLeadsToTheNextOlderMailAndThenTheList() throws {
        let (server, id) = try serverWithLetter()
        try server.send(["x", "y"])
        let one = try server.ask("POST", "/mail/\(id)/delete", fields: ["Content-Length: 0"])
        XCTAssertEqual(one.status, 303)
        // It was the oldest, so the next one is the one before.
        let next = try XCTUnwrap(server.server.messages.first?.id)
        XCTAssertEqual(one.field("Location")?.removingPercentEncoding, "/mail/\(next)")
        XCTAssertEqual(server.server.messages.count, 2)
        XCTAssertEqual(try server.ask("GET", "/mail/\(id)").status, 404)
        XCTAssertEqual(try server.ask("POST", "/delete-all").status, 303)
        XCTAssertEqual(server.server.messages.count, 0)
        XCTAssertTrue(try server.ask("GET", "/").text.contains("No mail yet"))
    }

    func testOtherSitesCanNeitherReadNorDelete() throws {
        let server = try TestServer { $0.allowedHosts = ["mail.test"] }
        try server.send(["x"])
        for host in ["evil.example", "evil.example:8025", "127.0.0.1.evil.example", ""] {
            XCTAssertEqual(try server.ask("GET", "/api/v1/messages", host: host).status, 421, host)
        }
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8025", "mail.test", "x.localhost"] {
            XCTAssertEqual(try server.ask("GET", "/api/v1/messages", host: host).status, 200, host)
        }
        for origin in ["http://evil.example", "null", "http://localhost:1"] {
            let answer = try server.ask("POST", "/delete-all", host: "localhost", fields: ["Origin: \(origin)"])
            XCTAssertEqual(answer.status, 403, origin)
        }
        XCTAssertEqual(server.server.messages.count, 1)
        XCTAssertEqual(
            try server.ask("POST", "/delete-all", host: "mail.test:8025", fields: ["Origin: http://mail.test:8025"])
                .status, 303)
        XCTAssertEqual(server.server.messages.count, 0)
    }

    func testAnOpenServerTakesProgramsButNotForgedForms() throws {
        let server = try TestServer { $0.webHost = "0.0.0.0" }
        XCTAssertEqual(try server.ask("DELETE", "/api/v1/messages", host: "mailhog:8025").status, 200)
        let forged = try server.ask(
            "DELETE", "/api/v1/messages", host: "evil.example", fields: ["Origin: http://evil.example"])
        XCTAssertEqual(forged.status, 403)
    }

    func testThePageLivesUnderItsPath() throws {
        let server = try TestServer { $0.webPath = "/mail/box/" }
        try server.send(["Subject: x\r\n\r\ny"])
        XCTAssertEqual(try server.ask("GET", "/mail/box").field("Location"), "/mail/box/")
        let page = try server.ask("GET", "/mail/box/").text
        XCTAssertTrue(page.contains("href=\"/mail/box/assets/page.css\""))
        XCTAssertEqual(try server.ask("GET", "/mail/box/api/v2/messages").status, 200)
        XCTAssertEqual(try server.ask("GET", "/").status, 404)
    }

    func testLongListsArePagedAndSearched() throws {
        let server = try TestServer()
        try server.send((1...60).map { "Subject: number \($0).\r\n\r\ntext \($0)" })
        let first = try server.ask("GET", "/").text
        XCTAssertTrue(first.contains("number 60.") && first.contains("number 11.") && !first.contains("number 10."))
        XCTAssertTrue(first.contains("href=\"/?start=50\""))
        let second = try server.ask("GET", "/?start=50").text
        XCTAssertTrue(second.contains("number 10.") && second.contains("number 1."))
        let found = try server.ask("GET", "/?q=%22NUMBER+7.%22").text
        XCTAssertTrue(found.contains("1 mail found") && found.contains("number 7."))
        try server.send([Samples.letter()])
        XCTAssertTrue(try server.ask("GET", "/?q=m%C3%BCsic").text.contains("1 mail found"))
        XCTAssertTrue(try server.ask("GET", "/?q=%22%3E%3Cx").text.contains("value=\"&quot;&gt;&lt;x\""))
    }

    func testABrowserShowsTheMail() throws {
        let (server, id) = try serverWithLetter()
        let profile = NSTemporaryDirectory() + "mailroom-page-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: profile) }
        let result = try Programs.run(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile)", "--timeout=3000",
                "--dump-dom",
                "http://127.0.0.1:\(server.ports.web)/mail/\(id)",
            ])
        XCTAssertTrue(result.output.contains("Volunteers &lt;wanted&gt; für März &amp; more</h1>"), result.output)
        XCTAssertTrue(result.output.contains(">PDF</a>"))
        // The script has run: it gives each time a title.
        XCTAssertNotNil(result.output.range(of: #"<time [^>]*title=""#, options: .regularExpression), result.output)
    }

    func testPicturesInTheTextAreFoundHoweverTheyAreQuoted() throws {
        let mail =
            "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
            + "<img src=cid:a@b><img src='CID:a%40b'><p style=\"background:url(cid:a@b)\">cid:a@b</p><img src=\"cid:other\">\r\n"
            + "--b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\n\r\nx\r\n--b--\r\n"
        let message = CapturedMessage(
            id: "i", receivedAt: .zero,
            envelope: .init(helo: "h", remoteAddress: "r", reversePath: nil, recipients: []),
            content: MailContent(Array(mail.utf8)))
        XCTAssertEqual(
            MessageParts(of: message).html { "/p/\($0)" }?.trimmingCharacters(in: .newlines),
            "<img src=/p/2><img src='/p/2'><p style=\"background:url(/p/2)\">cid:a@b</p><img src=\"cid:other\">")
    }
}

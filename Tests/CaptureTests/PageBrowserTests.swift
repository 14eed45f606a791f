import MailroomCapture
import TestSupport
import XCTest

/// The page as Chromium shows it.
final class PageBrowserTests: XCTestCase {
    private func page(_ server: TestServer, _ path: String = "/") -> String {
        "http://127.0.0.1:\(server.ports.web)\(path)"
    }

    private func send(_ count: Int, to server: TestServer) throws {
        try server.send((1...count).map { "From: a@x.example\r\nSubject: number \($0).\r\n\r\ntext \($0)" })
    }

    func testTheListFollowsAlongAndTheKeysMoveAbout() throws {
        let server = try TestServer()
        try send(3, to: server)
        let sending = """
            fetch('/api/v2/messages').then(r => r.json()).then(d => d.total)
            """
        let answers = try Browser.run([
            .go(page(server)), .wait("!document.getElementById('live').hidden"), .value("document.title"),
            .key("j"), .wait("document.querySelector('h1').textContent === 'number 3.'"), .value("document.title"),
            .key("j"), .wait("document.querySelector('h1').textContent === 'number 2.'"),
            .key("k"), .wait("document.querySelector('h1').textContent === 'number 3.'"),
            .key("3"), .wait("location.pathname.endsWith('/parts')"),
            .key("d"), .wait("document.querySelector('h1').textContent === 'number 2.'"), .value(sending),
            .key("u"), .wait("location.pathname === '/'"),
            .key("/"), .key("number 1"),
            .wait("document.querySelectorAll('.mails li').length === 1 && location.search === '?q=number+1'"),
            .key("Escape"), .key("?"), .wait("document.getElementById('keys').open"), .key("Escape"),
            .value("history.length > 3"), .problems,
        ])
        XCTAssertEqual(answers[2] as? String, "(3) Mailroom: captured mail")
        XCTAssertEqual(answers[5] as? String, "(2) number 3.")
        XCTAssertEqual(answers[14] as? Int, 2)
        XCTAssertEqual(answers.last as? [String], [])
        XCTAssertEqual(server.server.messages.map(\.text).count, 2)
    }

    func testANewMailAppearsByItself() throws {
        let server = try TestServer()
        let answers = try Browser.run([
            .go(page(server)), .wait("!document.getElementById('live').hidden"),
            .value("document.querySelector('.welcome h1').textContent"),
            .mail("Subject: fresh\r\n\r\nx", to: server.ports.smtp),
            .wait("document.querySelector('.mails .fresh .subject')?.textContent === 'fresh'"),
            .wait("document.title.startsWith('(1) ')"),
            .wait("document.querySelector('.welcome h1').textContent === 'One mail'"),
        ])
        XCTAssertEqual(answers[2] as? String, "No mail yet")
    }

    func testAMailCanNeitherRunScriptsNorLoadWhatIsElsewhereUnlessAsked() throws {
        let server = try TestServer()
        let html =
            "<p id=p>letter</p><img src=\"http://pixel.example/p.png\"><script>document.title='run';"
            + "parent.document.title='run';fetch('/api/v1/messages',{method:'DELETE'})</script>"
            + "<img src=x onerror=\"document.title='run'\"><form action=/delete-all method=post><button>x</button></form>"
        try server.send(["Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n\(html)"])
        let id = try XCTUnwrap(server.server.messages.first?.id).replacingOccurrences(of: "=", with: "%3D")
            .replacingOccurrences(of: "@", with: "%40")
        let answers = try Browser.run([
            .go(page(server, "/mail/\(id)")), .wait("document.querySelector('iframe.letter') !== null"),
            .wait("document.querySelector('.remote').textContent.includes('1 thing elsewhere')"), .requests,
            .click(".remote a"), .wait("location.search === '?remote=1'"),
            .wait("document.querySelector('.remote').textContent.includes('tells the sender')"),
            .wait("performance.getEntriesByType('resource').some(e => e.name.includes('letter?remote'))"),
            .value("document.title"), .go(page(server, "/mail/\(id)/letter")), .value("document.title"),
            .value("document.getElementById('p').textContent"), .requests,
        ])
        let before = try XCTUnwrap(answers[3] as? [String])
        XCTAssertTrue(before.contains { $0.hasSuffix("/letter") })
        XCTAssertFalse(before.contains { $0.contains("pixel.example") }, "\(before)")
        XCTAssertEqual(answers[8] as? String, "<script>alert(1)</script>")
        XCTAssertEqual(answers[10] as? String, "")
        XCTAssertEqual(answers[11] as? String, "letter")
        let origin = page(server, "/")
        let foreign = try XCTUnwrap(answers.last as? [String]).filter {
            !$0.hasPrefix(origin) && !$0.hasPrefix("about:")
        }
        XCTAssertEqual(Set(foreign), ["http://pixel.example/p.png"], "once it was asked for, and nothing else")
        XCTAssertEqual(server.server.messages.count, 1)
    }

    func testItIsReadOnAPhoneInTheDarkAndWithoutScripts() throws {
        let server = try TestServer()
        try send(60, to: server)
        let colour = "getComputedStyle(document.body).backgroundColor"
        let answers = try Browser.run([
            .size(390, 800), .go(page(server)), .value("getComputedStyle(document.querySelector('main')).display"),
            .value("document.documentElement.scrollWidth"), .dark(false), .value(colour), .dark(true), .value(colour),
            .click(".mails a"), .wait("document.body.classList.contains('reading')"),
            .value("getComputedStyle(document.querySelector('.side')).display"),
            .value("document.documentElement.scrollWidth"),
            .click(".back"), .wait("location.pathname === '/'"),
            .scripts(false), .size(1200, 800), .go(page(server)), .value("document.getElementById('live').hidden"),
            .value("document.querySelectorAll('.mails li').length"), .value("document.querySelector('.mails a').href"),
        ])
        XCTAssertEqual(answers[17] as? Bool, true, "No script has run.")
        XCTAssertEqual(answers[18] as? Int, 50)
        let mail = try XCTUnwrap(answers[19] as? String)
        let read = try Browser.run([
            .scripts(false), .go(mail), .value("document.querySelector('h1').textContent"),
            .value("document.querySelector('.paper').textContent"),
            .value("[...document.querySelectorAll('.tabs a')].length"),
        ])
        XCTAssertEqual(read[2] as? String, "number 60.")
        XCTAssertEqual(read[3] as? String, "text 60\n")
        XCTAssertEqual(read[4] as? Int, 4)
        XCTAssertEqual(answers[2] as? String, "none")
        XCTAssertEqual(answers[3] as? Int, 390)
        XCTAssertEqual(answers[5] as? String, "rgb(244, 242, 237)")
        XCTAssertEqual(answers[7] as? String, "rgb(20, 22, 26)")
        XCTAssertEqual(answers[10] as? String, "none")
        XCTAssertEqual(answers[11] as? Int, 390)
    }

    func testAClickIsNotLostWhileMailsArrive() throws {
        let server = try TestServer()
        try send(3, to: server)
        let slow =
            "const f=window.fetch;window.fetch=(u,o)=>String(u).includes('/mail/')"
            + "?new Promise(r=>setTimeout(r,600)).then(()=>f(u,o)):f(u,o);1"
        let mails = (0..<6).map { Browser.Step.mail("Subject: late \($0)\r\n\r\nx", to: server.ports.smtp) }
        let answers = try Browser.run(
            [
                .go(page(server)), .wait("!document.getElementById('live').hidden"), .value(slow),
                .click(".mails li:nth-child(3) a"),
            ] + mails + [.wait("document.querySelector('h1').textContent === 'number 1.'"), .problems])
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testARefusalIsShownWithItsRemedyAndWhereTheReaderIs() throws {
        let server = try TestServer { $0.webHost = "0.0.0.0" }
        try send(1, to: server)
        let answers = try Browser.run([
            .go("http://mailhog.test:\(server.ports.web)/"), .key("j"),
            .wait("document.querySelector('h1').textContent === 'number 1.'"), .key("d"),
            .wait("document.querySelector('.problem')?.textContent ?? ''"),
            .value("document.querySelector('h1').textContent"),
        ])
        XCTAssertTrue((answers[4] as? String)?.contains("--allow-host") == true, "\(answers[4])")
        XCTAssertEqual(answers[5] as? String, "number 1.")
        XCTAssertEqual(server.server.messages.count, 1)
    }

    func testTheFocusIsWhereTheReaderGoesOn() throws {
        let server = try TestServer()
        try send(2, to: server)
        let focused = "document.activeElement.id || document.activeElement.tagName"
        let answers = try Browser.run([
            .go(page(server)), .click(".mails a"), .wait("document.querySelector('h1').textContent === 'number 2.'"),
            .value(focused), .click("#delete"), .wait("document.querySelector('h1').textContent === 'number 1.'"),
            .value(focused), .go(page(server, "/rules")), .value("document.querySelector('a.aside').ariaCurrent"),
            .size(1200, 800), .key("/"), .key("number"),
            .wait("location.pathname === '/' && location.search === '?q=number'"),
            .value("document.querySelector('.search input').value"), .value(focused),
        ])
        XCTAssertEqual(answers[3] as? String, "main")
        XCTAssertEqual(answers[6] as? String, "main")
        XCTAssertEqual(answers[8] as? String, "page")
        XCTAssertEqual(answers[13] as? String, "number")
        XCTAssertEqual(answers[14] as? String, "INPUT")
    }
}

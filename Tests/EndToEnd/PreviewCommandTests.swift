import Foundation
import TestSupport
import XCTest

/// `mailroom preview`: a template in the browser, while it is written.
final class PreviewCommandTests: XCTestCase {
    private func folder() throws -> TestFolder {
        let folder = TestFolder()
        _ = try folder.file("hello.md", helloTemplate)
        _ = try folder.file("hello.json", "{\n  \"name\": \"Zoë\",\n  \"day\": \"Monday\"\n}\n")
        _ = try folder.file("plain.md", "---\nsubject: Plain\n---\n\nNothing but {{word}}.\n")
        return folder
    }

    private func start(_ words: String...) async throws -> (process: MailroomProcess, page: String) {
        let process = try MailroomProcess(["preview", "--listen", "127.0.0.1:0"] + words)
        try await process.wait { !process.isRunning || process.output.text.split(separator: "\n").count == 2 }
        XCTAssertTrue(process.isRunning, process.errors.text)
        let line = try XCTUnwrap(process.output.text.split(separator: "\n").first)
        XCTAssertTrue(line.hasPrefix("preview on http://127.0.0.1:"), String(line))
        return (process, String(line.dropFirst("preview on ".count)))
    }

    /// What a reader sees of the HTML mail.
    private static let mail = "document.querySelector('#html iframe:not(.next)')?.contentDocument.body.innerText"
    private static let text = "document.getElementById('text').textContent"

    private func hasAll(_ text: String) -> Browser.Step {
        .wait("\(Self.text).includes('\(text)') && \(Self.mail)?.includes('\(text)')")
    }

    func testATemplateIsShownInItsThreeFormsAndAnEditedValueIsSeenInAllOfThem() async throws {
        let folder = try folder()
        let (process, page) = try await start("--templates", folder.path)
        defer { process.signal(SIGTERM) }
        let answers = try Browser.run([
            .size(1400, 900), .go(page), hasAll("Dear Zoë, we meet on Monday."),
            .value("[...document.getElementById('template').options].map(o => o.text).join()"),
            .value("document.getElementById('subject').textContent"), .value("document.getElementById('values').value"),
            .value("document.getElementById('source').textContent"), .value("document.title"),
            .wait("document.querySelector('#pdf iframe')?.src.includes('/hello%2Epdf')"),
            .value("document.querySelector('#pdf iframe').src"), .value("document.getElementById('reset').hidden"),
            // An edit.
            .key("v"), .value("document.getElementById('values').select()"),
            .type("{\"name\": \"<img src=x onerror=parent.document.title='run'>\", \"day\": 5}"),
            .wait("document.getElementById('subject').textContent.startsWith('Hello <img src=x')"),
            hasAll("we meet on 5."), .wait("document.querySelectorAll('#pdf iframe').length === 1"),
            .value("document.querySelector('#pdf iframe').src"), .value("document.title"),
            // JSON that is none leaves what is shown.
            .type("x"), .wait("document.getElementById('fault').textContent.startsWith('line 1, column ')"),
            .value("document.getElementById('panes').classList.contains('stale')"),
            // It outlives a reload, and is undone.
            .go(page + "?template=hello"), .wait("document.getElementById('values').value.endsWith('x')"),
            .click("#reset"), hasAll("Dear Zoë, we meet on Monday."),
            .value("document.getElementById('fault').textContent"), .problems,
        ])
        XCTAssertEqual(answers[3] as? String, "hello,plain")
        XCTAssertEqual(answers[4] as? String, "Hello Zoë")
        XCTAssertEqual(answers[5] as? String, folder.text("hello.json"))
        XCTAssertEqual(answers[6] as? String, "hello.json")
        XCTAssertEqual(answers[7] as? String, "hello – Mailroom")
        XCTAssertEqual(answers[10] as? Bool, true)
        XCTAssertNotEqual(answers[9] as? String, answers[17] as? String)
        XCTAssertEqual(answers[18] as? String, "hello – Mailroom", "no script of a value runs")
        XCTAssertEqual(answers[21] as? Bool, true)
        XCTAssertEqual(answers[26] as? String, "")
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testAChangedFileIsShownByItselfWithTheEditedValuesAndTheScrollPlaceKept() async throws {
        let folder = try folder()
        let long = (1...80).map { "Paragraph \($0) for {{name}}.\n\n" }.joined()
        _ = try folder.file("hello.md", helloTemplate + "\n" + long)
        let (process, page) = try await start("--templates", folder.path)
        defer { process.signal(SIGTERM) }
        let answers = try Browser.run([
            .size(1400, 700), .go(page + "?template=hello"), .wait("!document.getElementById('live').hidden"),
            hasAll("Paragraph 80 for Zoë."), .key("v"), .value("document.getElementById('values').select()"),
            .type("{\"name\": \"Ada\", \"day\": \"Friday\"}"), hasAll("Dear Ada, we meet on Friday."),
            .value("document.querySelector('#html iframe').contentWindow.scrollTo(0, 500)"),
            .value("document.getElementById('text').scrollTop = 300"),
            .write(folder.path + "/hello.md", helloTemplate + "\nSo changed.\n\n" + long), hasAll("So changed."),
            .wait("document.querySelectorAll('#html iframe').length === 1"),
            .value("document.querySelector('#html iframe').contentWindow.scrollY"),
            .value("document.getElementById('text').scrollTop"), .value("document.getElementById('values').value"),
            // A new template appears, and one without a file of values begins with samples.
            .write(folder.path + "/another.md", "---\nsubject: New\n---\n\nA {{thing}}.\n"),
            .wait(
                "[...document.getElementById('template').options].map(o => o.value).join() === 'another,hello,plain'"),
            .value(
                "(c => { c.value = 'another'; c.dispatchEvent(new Event('change')) })(document.getElementById('template'))"
            ),
            hasAll("A thing."), .value("document.getElementById('source').textContent"), .value("location.search"),
            .value("document.getElementById('pdf').textContent"),
            // Values follow their file while nobody has edited them.
            .write(folder.path + "/another.json", "{\"thing\": \"cake\"}"), hasAll("A cake."),
            .value("document.getElementById('source').textContent"), .problems,
        ])
        XCTAssertEqual(answers[13] as? Int, 500)
        XCTAssertEqual(answers[14] as? Int, 300)
        XCTAssertEqual(answers[15] as? String, "{\"name\": \"Ada\", \"day\": \"Friday\"}")
        XCTAssertEqual(answers[20] as? String, "sample values")
        XCTAssertEqual(answers[21] as? String, "?template=another")
        XCTAssertTrue(try XCTUnwrap(answers[22] as? String).contains("attachment: another.pdf"))
        XCTAssertEqual(answers[25] as? String, "another.json")
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testABrokenTemplateShowsWhatIsWrongWithItsLineUntilItIsMended() async throws {
        let folder = try folder()
        let (process, page) = try await start("--templates", folder.path)
        defer { process.signal(SIGTERM) }
        let broken = helloTemplate + "\n::: adress\nx\n:::\n"
        let answers = try Browser.run([
            .go(page + "?template=hello"), hasAll("Dear Zoë"),
            .write(folder.path + "/hello.md", broken), .wait("!document.getElementById('problems').hidden"),
            .value("document.getElementById('problems').innerText"), .value("document.getElementById('panes').hidden"),
            .value("document.getElementById('template').selectedOptions[0].text"),
            .write(folder.path + "/hello.md", helloTemplate + "\nIt is mended.\n"), hasAll("It is mended."),
            .value("document.getElementById('problems').hidden"),
            // What the values lack is told with its line, too.
            .key("v"), .value("document.getElementById('values').select()"), .type("{\"name\": \"Ada\"}"),
            .wait("document.getElementById('problems').innerText.includes('day')"),
            .value("[...document.querySelectorAll('#problems ol li')].map(l => l.innerText).join('|')"),
            .problems,
        ])
        let problem = try XCTUnwrap(answers[4] as? String)
        XCTAssertTrue(problem.contains("line 9") && problem.contains("::: adress"), problem)
        XCTAssertEqual(answers[5] as? Bool, true)
        XCTAssertEqual(answers[6] as? String, "hello (broken)")
        XCTAssertEqual(answers[9] as? Bool, true)
        let line = try XCTUnwrap(answers[14] as? String)
        XCTAssertTrue(line.hasPrefix("7") && line.contains("Dear **{{name}}**, we meet on {{day}}."), line)
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testShippedTemplatesBeginWithValuesThatReadAsALetterAndALineOfTextFits() async throws {
        let (process, page) = try await start()
        defer { process.signal(SIGTERM) }
        let answers = try Browser.run([
            .size(1440, 900), .go(page + "?template=invitation-fr"), hasAll("Élodie Bérenger"),
            .value("document.getElementById('source').textContent"),
            .value("document.getElementById('text').scrollWidth <= document.getElementById('text').clientWidth"),
            .problems,
        ])
        XCTAssertEqual(answers[3] as? String, "sample values")
        XCTAssertEqual(answers[4] as? Bool, true)
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testPicturesOfTheMailAreShown() async throws {
        let folder = TestFolder()
        let picture = try XCTUnwrap(
            Data(
                base64Encoded:
                    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))
        _ = try folder.file("dot.png", picture)
        _ = try folder.file("dotted.md", "---\nsubject: A dot\n---\n\nSee:\n\n![the dot](dot.png)\n")
        let (process, page) = try await start("--templates", folder.path)
        defer { process.signal(SIGTERM) }
        let answers = try Browser.run([
            .go(page), .wait("\(Self.mail)?.includes('See:')"),
            .wait("document.querySelector('#html iframe').contentDocument.querySelector('img')?.complete"),
            .value("document.querySelector('#html iframe').contentDocument.querySelector('img').naturalWidth"),
            .problems,
        ])
        XCTAssertEqual(answers[3] as? Int, 1)
        XCTAssertEqual(answers.last as? [String], [])
    }

    func testAFileThatIsBrokenFromTheStartIsShownOnceItIsMended() async throws {
        let folder = TestFolder()
        let file = try folder.file("only.md", "no front matter\n")
        let (process, page) = try await start("--templates", file)
        defer { process.signal(SIGTERM) }
        try Browser.run([
            .go(page), .wait("!document.getElementById('problems').hidden"),
            .write(file, "---\nsubject: Only\n---\n\nHere it is.\n"), hasAll("Here it is."),
        ])
    }

    func testThePaneThatIsAskedForIsShownAloneAndNarrowWindowsStackThem() async throws {
        let folder = try folder()
        let (process, page) = try await start("--templates", folder.path)
        defer { process.signal(SIGTERM) }
        let shown =
            "[...document.querySelectorAll('.pane')].filter(p => p.offsetParent).map(p => p.dataset.pane).join()"
        let answers = try Browser.run([
            .size(1500, 900), .go(page), hasAll("Dear Zoë"), .value("document.activeElement.blur()"),
            .key("2"), .value(shown), .value("document.querySelector('[data-pane=html] button').ariaPressed"),
            .key("0"), .value(shown), .size(390, 800),
            .value("[...document.querySelectorAll('.pane')].every(p => p.getBoundingClientRect().width > 340)"),
            .value("document.documentElement.scrollWidth"),
        ])
        XCTAssertEqual(answers[5] as? String, "html")
        XCTAssertEqual(answers[6] as? String, "true")
        XCTAssertEqual(answers[8] as? String, "text,html,pdf")
        XCTAssertEqual(answers[10] as? Bool, true)
        XCTAssertEqual(answers[11] as? Int, 390)
    }

    func testOtherNamesAndOtherSitesPagesAreTurnedAway() async throws {
        let folder = try folder()
        let values = try folder.file("all.json", "{\"word\": \"everywhere\"}")
        let (process, page) = try await start("--templates", folder.path, "--values", values)
        defer { process.signal(SIGTERM) }
        func status(_ words: String...) throws -> String {
            try Programs.run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"] + words).output
        }
        XCTAssertEqual(try status(page), "200")
        XCTAssertEqual(try status("-H", "Host: rebound.example", page), "421")
        XCTAssertEqual(try status("-H", "Host: 10.0.0.1", page), "421")
        XCTAssertEqual(try status("-H", "Host: 127.0.0.1.example", page), "421")
        XCTAssertEqual(
            try status("-H", "Origin: http://other.example", "-d", "{}", page + "render?template=plain"), "403")
        XCTAssertEqual(try status("-H", "Origin: null", page + "events"), "403")
        XCTAssertEqual(try status("-H", "Sec-Fetch-Site: cross-site", page + "values?template=plain"), "403")
        XCTAssertEqual(
            try status(
                "-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate", "-H", "Sec-Fetch-Dest: document",
                page), "200", "a link leads here")
        let head = try Programs.run("curl", ["-si", page]).output
        XCTAssertTrue(head.contains("Content-Security-Policy: default-src 'none'"), head)
        let rendered = try Programs.run("curl", ["-s", "-d", "{\"word\": \"x\"}", page + "render?template=plain"])
            .output
        let answer = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(rendered.utf8)) as? [String: Any])
        let mail = try XCTUnwrap(answer["html"] as? String)
        let letter = try Programs.run("curl", ["-si", page + mail.dropFirst()]).output
        XCTAssertTrue(letter.contains("sandbox allow-same-origin allow-popups"), letter)
        XCTAssertFalse(letter.contains("allow-scripts"))
        let named = try Programs.run("curl", ["-s", page + "values?template=../../etc/passwd"]).output
        XCTAssertTrue(named.contains("everywhere"), named)
    }

    func testItEndsWhenItIsToldToAndSaysWhyItCannotBegin() async throws {
        let folder = try folder()
        let (process, page) = try await start("--templates", folder.path)
        let address = page.dropFirst("http://".count).dropLast()
        let second = try await MailroomProcess.run("preview", "--listen", String(address))
        XCTAssertEqual(second.status, 1)
        XCTAssertTrue(second.errors.contains("The page cannot be offered."), second.errors)
        process.signal(SIGINT)
        let status = try await process.status()
        XCTAssertEqual(status, 0)
        for (words, says) in [
            (["--listen", "0.0.0.0:0"], "takes an address of this machine alone"),
            (["--listen", "8027"], "takes host:port"), (["--listen", "example.org:80"], "of this machine alone"),
            (["--values", "/nowhere.json"], "/nowhere.json cannot be read"),
            (["--templates", "/nowhere"], "there is no file or folder /nowhere"),
        ] {
            let refused = try MailroomProcess(["preview"] + words)
            let status = try await refused.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssertTrue(refused.errors.text.contains(says), refused.errors.text)
        }
    }
}

import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import XCTest

final class RendererTests: XCTestCase {
    private func error(
        _ values: [String: Document.Value], body: String = "{{name}}\n\n{{club}} {{name}}",
        front: String = "attachment: {{file}}.pdf"
    ) throws -> RenderError? {
        let renderer = LetterRenderer(templates: [try template(body, front: front)])
        do throws(RenderError) {
            _ = try renderer.check(Document(template: "letter", values: values))
            return nil
        } catch { return error }
    }

    func testListsEveryMissingValueWithItsLine() throws {
        let error = try error(["x": "y"])
        XCTAssertEqual(error?.code, .invalidValues)
        XCTAssertEqual(error?.keys, ["file", "name", "club"])
        XCTAssertEqual(
            error?.reason, "Template “letter”: it needs values for file (line 4), name (line 6), club (line 8).")
    }

    func testRefusesALineFeedInWhatReachesAHeader() throws {
        for value in ["a\nBcc: b@example.org", "a\r", "a\u{0}", "a\u{2028}b"] {
            let error = try error(["name": "n", "club": "c", "file": .text(value)])
            XCTAssertEqual(error?.keys, ["file"], value)
            XCTAssert(error?.reason.contains("line break") == true, error?.reason ?? "")
            XCTAssertFalse(error?.reason.contains("Bcc") == true, "the value itself is not repeated")
        }
    }

    func testNamesCharactersThatNoFontHas() throws {
        let error = try error(["name": "Łukasz", "club": "c", "file": "f"])
        XCTAssertEqual(error?.keys, ["name"])
        XCTAssert(error?.reason.contains("name (line 6) has “Ł” (U+0141)") == true, error?.reason ?? "")
    }

    func testRefusesControlCharactersWithoutAPDFToo() throws {
        XCTAssertEqual(try error(["name": "a\u{7}", "club": "c"], front: "language: fr")?.keys, ["name"])
        XCTAssertNil(try error(["name": "a\tb\r\nŁ", "club": "c"], front: "language: fr"))
    }

    func testRefusesWhatIsNotText() throws {
        XCTAssertEqual(try error(["name": true, "club": ["a"], "file": ["a": "b"]])?.keys, ["file", "name", "club"])
    }

    func testRefusesAnAddressThatRuns() throws {
        for link in ["javascript:alert(1)", "data:text/html,x", "//example.org", "x"] {
            XCTAssertEqual(try error(["l": .text(link)], body: "[a]({{l}})", front: "language: fr")?.keys, ["l"], link)
        }
        XCTAssertNil(try error(["l": "HTTPS://example.org"], body: "[a]({{l}})", front: "language: fr"))
    }

    func testOnlySectionsThatAreShownNeedTheirValues() throws {
        let body = "{{#a}}{{b}}{{/a}}{{^a}}{{c}}{{/a}}"
        XCTAssertEqual(try error(["a": true], body: body, front: "language: fr")?.keys, ["b"])
        XCTAssertEqual(try error([:], body: body, front: "language: fr")?.keys, ["c"])
    }

    func testNamesTheNearestTemplate() throws {
        let renderer = LetterRenderer(templates: [
            try template("x", name: "volunteer-letter"), try template("x", name: "invitation"),
        ])
        for (name, advice) in [
            ("volunter-leter", "Did you mean “volunteer-letter”?"), ("zz", "There are: invitation, volunteer-letter."),
        ] {
            XCTAssertThrowsError(try renderer.check(Document(template: name))) { error in
                XCTAssertEqual((error as? RenderError)?.code, .unknownTemplate)
                XCTAssert("\(error)".contains(advice), "\(error)")
            }
        }
    }

    func testDoesNotRenderAnotherEdition() async throws {
        let renderer = LetterRenderer(templates: [try template("x")])
        var document = Document(template: "letter")
        document.version = TemplateVersion(of: Array("older".utf8))
        do {
            _ = try await renderer.render(document)
            XCTFail("rendered")
        } catch { XCTAssertEqual(error.code, .versionUnavailable) }
        document.version = try renderer.check(document)
        _ = try await renderer.render(document)
    }

    func testTheDateOfTheDocumentIsThatOfThePDF() async throws {
        let renderer = LetterRenderer(templates: [try template("x")])
        let document = Document(template: "letter", date: Date(timeIntervalSince1970: 1_784_628_915.9))
        let letter = try await renderer.render(document)
        let pdf = String(decoding: letter.attachments[0].bytes, as: UTF8.self)
        XCTAssert(pdf.contains("/CreationDate(D:20260721101515Z)"), pdf)
    }

    func testReadsAFolderAndReportsEveryFileThatItCannotRead() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (file, content) in [
            ("good.md", "---\nsubject: s\n---\nx"), ("bad.md", "no front matter"), ("notes.txt", "ignored"),
            ("twin1.md", "---\nname: t\nsubject: s\n---\n"), ("twin2.md", "---\nname: t\nsubject: s\n---\n"),
        ] { try Data(content.utf8).write(to: folder.appendingPathComponent(file)) }
        let renderer: some Renderer = .letters(folder: folder.path)
        XCTAssertNoThrow(try renderer.check(Document(template: "good")))
        XCTAssertThrowsError(try renderer.check(Document(template: "t")))
        let context = PipelineContext(limits: PipelineLimits())
        let problems = renderer.configurationProblems(in: context).map(\.description)
        XCTAssertEqual(problems.count, 2)
        XCTAssert(problems[0].contains("“bad”, line 1"), problems[0])
        XCTAssert(problems[1].contains("two templates are named “t”"), problems[1])
        let absent = LetterRenderer(folder: folder.path + "/none").configurationProblems(in: context)
        XCTAssert(absent[0].reason.contains("cannot be read"))
    }
}

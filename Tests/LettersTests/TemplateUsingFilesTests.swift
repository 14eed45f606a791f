import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class TemplateUsingFilesTests: XCTestCase {
    private let front = "---\nsubject: {{> subject}}\nattachment: a.pdf\n"

    func testPartialsAreThoseOfTheirKind() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": front + "---\n{{> greeting}}\n\nBye", "_greeting.md": "Dear **{{name}}**,\n",
                "_subject.txt": "For {{name}}", "_greeting.txt": "never", "_greeting.html": "never",
            ]))
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["name": "Zoé *"])
        XCTAssertEqual(letter.subject, "For Zoé *")
        XCTAssertEqual(letter.text, "Dear Zoé *,\n\nBye\n")
        XCTAssert(letter.html?.contains("<strong>Zoé *</strong>") == true)
    }

    func testAPartialThatIsNotThereIsNamedWithItsLine() {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\nx\n{{> one}}", "_one.md": "a\nb {{> two}}",
                "other.md": "---\nsubject: {{> three}}\n---\n",
            ]))
        XCTAssertEqual(
            renderer.problems,
            [
                "Template “letter”, line 2 of “_one.md”: there is no partial “two”: the file “_two.md” is not there.",
                "Template “other”, line 2: there is no partial “three”: the file “_three.txt” is not there.",
            ])
    }

    func testAFaultInAPartialIsSaidWithItsFile() {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\n{{> one}}", "_one.md": "a\n{{#x}}",
            ]))
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].hasPrefix("Template “letter”, line 2 of “_one.md”: "), renderer.problems[0])
    }

    func testAnOutputMayHaveAFileOfItsOwn() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\nattachment: a.pdf\n---\nbody {{x}}",
                "letter.txt": "text {{x}} {{> part}}", "_part.txt": "<p>",
                "letter.html": "<p>html {{x}}{{> part}}", "_part.html": "<hr>",
                "letter.pdf.md": "**print** {{x}}",
            ]))
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["x": "<&>"])
        XCTAssertEqual(letter.text, "text <&> <p>")
        XCTAssertEqual(letter.html, "<p>html &lt;&amp;&gt;<hr>")
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes), "print <&>")
        XCTAssertThrowsError(try renderer.check(Document(template: "letter"))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["x"])
        }
    }

    func testALetterheadIsAPartialAtTheTop() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\nattachment: a.pdf\nletterhead: club\n---\nbody",
                "_club.md": "# {{club}}\nsince 1901",
            ]))
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["club": "The Riders"])
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes), "The Riders since 1901 body")
        XCTAssertEqual(letter.text, "THE RIDERS\nsince 1901\n\nbody\n")
        XCTAssertThrowsError(try renderer.check(Document(template: "letter"))) { error in
            XCTAssert("\(error)".contains("club (line 1 of the partial “club”)"), "\(error)")
        }
        let absent = LetterRenderer(
            files: templateFiles(["letter.md": "---\nsubject: s\nletterhead: club\n---\nbody"]))
        XCTAssertEqual(
            absent.problems,
            ["Template “letter”, line 3: there is no partial “club”: the file “_club.md” is not there."])
    }

    func testAnEditionIsThatOfAllFilesUsed() throws {
        let source = "---\nsubject: s\n---\n{{> a}}"
        func version(_ files: [String: String]) throws -> TemplateVersion {
            try LetterRenderer(files: templateFiles(files)).check(Document(template: "letter"))
        }
        let first = try version(["letter.md": source, "_a.md": "1", "_unused.md": "x"])
        XCTAssertEqual(try version(["letter.md": source, "_a.md": "1", "_unused.md": "y"]), first)
        XCTAssertNotEqual(try version(["letter.md": source, "_a.md": "2", "_unused.md": "x"]), first)
        XCTAssertNotEqual(try version(["letter.md": source + " ", "_a.md": "1"]), first)
        XCTAssertNotEqual(try version(["letter.md": source, "_a.md": "1", "letter.txt": "t"]), first)
        let alone = "---\nsubject: s\n---\nx"
        XCTAssertEqual(try version(["letter.md": alone, "_a.md": "1"]), TemplateVersion(of: Array(alone.utf8)))
    }

    func testAChangedFileIsNoticedWhereThatIsAskedFor() async throws {
        let folder = TestFolder()
        _ = try folder.file("letter.md", "---\nsubject: s\n---\n{{> a}}")
        _ = try folder.file("_a.md", "one")
        let fixed = LetterRenderer(folder: folder.path)
        let renderer: LetterRenderer = .letters(folder: folder.path, reloads: true)
        let first = try renderer.check(Document(template: "letter"))
        var letter = try await renderer.rendering()
        XCTAssertEqual(letter.text, "one\n")
        _ = try folder.file("_a.md", "number two")
        letter = try await renderer.rendering()
        XCTAssertEqual(letter.text, "number two\n")
        XCTAssertNotEqual(try renderer.check(Document(template: "letter")), first)
        XCTAssertEqual(try fixed.check(Document(template: "letter")), first)
        _ = try folder.file("new.md", "---\nsubject: s\n---\nnew")
        XCTAssertNoThrow(try renderer.check(Document(template: "new")))
        _ = try folder.file("letter.txt", "of its own")
        letter = try await renderer.rendering()
        XCTAssertEqual(letter.text, "of its own")
        _ = try folder.file("_a.md", "{{#broken}}")
        XCTAssertThrowsError(try renderer.check(Document(template: "letter"))) { error in
            XCTAssertEqual((error as? RenderError)?.code, .invalidTemplate)
            XCTAssert("\(error)".contains("_a.md"), "\(error)")
        }
        try FileManager.default.removeItem(atPath: folder.path + "/new.md")
        XCTAssertThrowsError(try renderer.check(Document(template: "new")))
    }

    func testEveryFaultIsReportedAtOnce() {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: {{x\nattachment: {{> gone}}.pdf\n---\n{{#y}}\n",
                "styled.md": "---\nsubject: s\nattachment: a.pdf\nfont: a.ttf\nfont-bold: b.ttf\n---\n![x](c.png)",
            ]))
        let problems = renderer.problems.joined(separator: "\n")
        for words in [
            "“letter”, line 2", "“letter”, line 5", "“styled”, line 4: there is no file “a.ttf”",
            "“styled”, line 5: there is no file “b.ttf”", "“styled”, line 7: there is no file “c.png”",
        ] { XCTAssert(problems.contains(words), "\(words) is not in:\n\(problems)") }
    }

    func testAValueMayNameAPartialAndATemplateFillALayout() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\n{{<layout}}{{$body}}{{>*kind}}{{/body}}{{/layout}}",
                "_layout.md": "Dear {{name}},\n\n{{$body}}nothing{{/body}}\n\nYours", "_short.md": "in short",
                "_long.md": "at **length**",
            ]))
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["name": "Zoé", "kind": "long"])
        XCTAssertEqual(letter.text, "Dear Zoé,\n\nat length\n\nYours\n")
        let document = Document(template: "letter", values: ["name": "Zoé", "kind": "../letter"])
        XCTAssertThrowsError(try renderer.check(document)) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["kind"])
        }
    }

    func testPartialsThatNeverEndAreRefused() {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\n{{> a}}", "_a.md": "x {{> b}}", "_b.md": "y {{> a}}{{> a}}",
            ]))
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].contains("deep"), renderer.problems[0])
    }

    func testAPlaceWithoutTemplatesIsNamed() {
        let folder = TestFolder()
        XCTAssertEqual(
            LetterRenderer(folder: folder.path).problems, ["the folder “\(folder.path)” has no templates (*.md)."])
        XCTAssertEqual(LetterRenderer(files: TemplateFiles([:])).problems.count, 1)
    }

    func testPathsStayInTheFolder() {
        for path in ["../a.png", "/a.png", "x/../../a.png"] {
            let renderer = LetterRenderer(
                files: templateFiles(["letter.md": "---\nsubject: s\n---\n![x](\(path))", path: "secret"]))
            XCTAssertEqual(renderer.problems.count, 1, path)
        }
    }
}

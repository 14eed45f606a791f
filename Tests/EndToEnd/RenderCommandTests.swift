import Foundation
import Mailroom
import MailroomMIME
import TestSupport
import XCTest

@testable import MailroomCommands

/// `mailroom render`: a letter as a file.
final class RenderCommandTests: XCTestCase {
    private func folder() throws -> TestFolder {
        let folder = TestFolder()
        _ = try folder.file("hello.md", helloTemplate)
        _ = try folder.file(
            "plain.md", helloTemplate.replacingOccurrences(of: "attachment: hello.pdf\n", with: ""))
        _ = try folder.file("values.json", "{\"name\": \"Zoë <b>\", \"day\": \"Monday\", \"none\": null}")
        return folder
    }

    private func render(
        _ words: String..., in folder: TestFolder
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(["render"] + words, environment: ["MAILROOM_TEMPLATES": folder.path])
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }

    func testALetterIsWrittenAsTextHTMLAndPDF() async throws {
        let folder = try folder()
        let values = folder.path + "/values.json"
        let text = try await render(
            "--template", "hello", "--values", values, "--format", "text", in: folder)
        XCTAssertEqual(text.status, 0, text.errors)
        XCTAssertTrue(text.output.contains("Zoë <b>, we meet on Monday."), text.output)
        for format in ["html", "pdf"] {
            let outcome = try await render(
                "--template", folder.path + "/hello.md", "--values", values, "--format", format, "--output",
                folder.path + "/letter", in: folder)
            XCTAssertEqual(outcome.status, 0, outcome.errors)
            XCTAssertEqual(outcome.output + outcome.errors, "")
            if format == "html" {
                XCTAssertTrue(try XCTUnwrap(folder.text("letter")).contains("Zoë &lt;b"), folder.text("letter") ?? "")
            }
        }
        XCTAssertTrue(try Programs.words(of: folder.bytes("letter")).contains("Dear Zoë <b>, we meet on Monday."))
        XCTAssertEqual(folder.names(), ["hello.md", "letter", "plain.md", "values.json"], "nothing else is left")
    }

    func testValuesComeFromStandardInputAndAPDFGoesToStandardOutput() throws {
        let folder = try folder()
        let mailroom = try Programs.built("mailroom", for: Self.self).path(percentEncoded: false)
        let script = "'\(mailroom)' render --template hello.md --values - --format pdf > letter.pdf"
        let outcome = try Programs.run(
            "sh", ["-c", script], input: "{\"name\": \"Ada\", \"day\": \"Friday\"}".utf8, in: URL(filePath: folder.path)
        )
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        XCTAssertTrue(try Programs.words(of: folder.bytes("letter.pdf")).contains("Dear Ada, we meet on Friday."))
    }

    func testAPDFIsNotWrittenToATerminal() async throws {
        let folder = try folder()
        let process = try MailroomProcess(
            ["render", "--template", folder.path + "/hello.md", "--format", "pdf"], on: Terminal())
        let status = try await process.status()
        XCTAssertEqual(status, 2)
        XCTAssertTrue(process.output.text.contains("give --output FILE"), process.output.text)
    }

    func testEveryMissingValueIsNamedAndTheFileStaysAsItWas() async throws {
        let folder = try folder()
        let output = try folder.file("letter.pdf", "old")
        let outcome = try await render("--template", "hello", "--format", "pdf", "--output", output, in: folder)
        XCTAssertEqual(outcome.status, 1)
        for word in ["“hello”", "name", "line 7", "day"] {
            XCTAssertTrue(outcome.errors.contains(word), outcome.errors)
        }
        XCTAssertEqual(folder.text("letter.pdf"), "old")
        XCTAssertEqual(folder.names(), ["hello.md", "letter.pdf", "plain.md", "values.json"])
    }

    func testAnUnknownTemplateIsToldWithTheNearestAndABrokenOneWithWhatIsWrong() async throws {
        let folder = try folder()
        _ = try folder.file("broken.md", "---\nsubject: x\n---\n\n::: adress\nx\n:::\n")
        let unknown = try await render("--template", "helo", "--format", "text", in: folder)
        XCTAssertEqual(unknown.status, 1)
        XCTAssertTrue(unknown.errors.contains("“hello”"), unknown.errors)
        let broken = try await render("--template", "broken", "--format", "text", in: folder)
        XCTAssertEqual(broken.status, 1)
        XCTAssertTrue(broken.errors.contains("line 5"), broken.errors)
    }

    func testATemplateWithoutPDFSaysWhatToAdd() async throws {
        let folder = try folder()
        let outcome = try await render(
            "--template", "plain", "--values", folder.path + "/values.json", "--format", "pdf", in: folder)
        XCTAssertEqual(outcome.status, 1)
        XCTAssertTrue(outcome.errors.contains("attachment: plain.pdf"), outcome.errors)
    }

    func testTheFormatIsWhatTheOutputEndsInAndAFilesNameMayStandForTheTemplates() async throws {
        let folder = try folder()
        let values = folder.path + "/values.json"
        for (file, beginning) in [("a.pdf", "%PDF-"), ("a.HTML", "<!DOCTYPE html>"), ("a.txt", "Dear Zoë")] {
            let outcome = try await render(
                "--template", "hello.md", "--values", values, "--output", "\(folder.path)/\(file)", in: folder)
            XCTAssertEqual(outcome.status, 0, outcome.errors)
            XCTAssertTrue(folder.bytes(file).starts(with: Array(beginning.utf8)), file)
        }
        let unclear = try await render("--template", "hello", "--output", folder.path + "/a.doc", in: folder)
        XCTAssertEqual(unclear.status, 2)
        XCTAssertTrue(unclear.errors.contains("--format is missing"), unclear.errors)
    }

    func testWhoGivesNoValuesIsToldWhereTheyAreFound() async throws {
        let folder = try folder()
        let none = try await render("--template", "hello", "--format", "text", in: folder)
        XCTAssertTrue(none.errors.contains("mailroom templates values hello"), none.errors)
        let some = try await render("--template", "hello", "--values", "/dev/null", "--format", "text", in: folder)
        XCTAssertFalse(some.errors.contains("templates values"), some.errors)
        let mailroom = try Programs.built("mailroom", for: Self.self).path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder.path + "/letters", withIntermediateDirectories: false)
        let group = try Programs.run(
            "sh", ["-c", "'\(mailroom)' render --template letters --format text"], in: URL(filePath: folder.path))
        XCTAssertEqual(group.status, 1)
        XCTAssertTrue(group.errors.contains("letters is a folder: give --templates letters"), group.errors)
        let empty = TestFolder()
        let nothing = try await render("--template", "hello", "--format", "text", in: empty)
        XCTAssertTrue(nothing.errors.contains("“\(empty.path)” has no templates"), nothing.errors)
    }

    func testWhatCannotBeWrittenIsToldInWords() async throws {
        let folder = try folder()
        let words = ["--template", "hello.md", "--values", "values.json", "--format", "text"]
        let mailroom = try Programs.built("mailroom", for: Self.self).path(percentEncoded: false)
        for (end, says) in [
            (" --output none/a.txt", "none/a.txt was not written: there is no folder"),
            (" >&-", "standard output cannot be written to: Bad file descriptor"),
        ] {
            let outcome = try Programs.run(
                "sh", ["-c", "'\(mailroom)' render \(words.joined(separator: " "))" + end],
                in: URL(filePath: folder.path))
            XCTAssertEqual(outcome.status, 1, end)
            XCTAssertTrue(outcome.errors.contains(says), outcome.errors)
            XCTAssertFalse(outcome.errors.contains("Domain"), outcome.errors)
        }
    }

    func testTheSameDateGivesTheSameOctets() async throws {
        let folder = try folder()
        for (file, date) in [("a", "2026-06-12"), ("b", "2026-06-12T00:00:00Z"), ("c", "2026-06-13")] {
            let outcome = try await render(
                "--template", "hello", "--values", folder.path + "/values.json", "--format", "pdf", "--date", date,
                "--output", "\(folder.path)/\(file)", in: folder)
            XCTAssertEqual(outcome.status, 0, outcome.errors)
        }
        XCTAssertEqual(folder.bytes("a"), folder.bytes("b"))
        XCTAssertNotEqual(folder.bytes("a"), folder.bytes("c"))
    }

    func testWhatIsNotUnderstoodIsRefused() async throws {
        let folder = try folder()
        let wrong = try folder.file("wrong.json", "{\n  \"name\": Zoë\n}")
        let cases: [(words: [String], says: String)] = [
            ([], "--template is missing"), (["--template", "hello"], "--format is missing: pdf, html or text"),
            (["--template", "hello", "--format", "doc"], "--format takes one of pdf, html, text"),
            (["--template", "hello", "--format", "text", "--time-zone", "Mars"], "--time-zone takes a name"),
            (["--template", "hello", "--format", "text", "--date", "tomorrow"], "--date takes a date"),
            (["--template", "hello", "--format", "text", "--values", "/nowhere.json"], "/nowhere.json cannot be read"),
            (["--template", "hello", "--format", "text", "--values", wrong], "\(wrong):2:11: a value"),
            (["--template", folder.path + "/", "--format", "text"], "is a folder: name one of its files"),
            (["--template", "hello", "--format", "text", "--locale", "klingon"], "--locale takes a language"),
            (["--template", folder.path + "/hello", "--format", "text"], "did you mean \(folder.path)/hello.md?"),
            (["--template", "./nothing.md", "--format", "text"], "there is no file or folder ./nothing.md"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(["render"] + words, environment: ["MAILROOM_TEMPLATES": folder.path])
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssertTrue(process.errors.text.contains(says), "\(words): \(process.errors.text)")
        }
    }

    // MARK: Files

    func testALinkStaysAndWhatItLeadsToIsReplacedWithItsRights() throws {
        let folder = TestFolder()
        let file = try folder.file("letter", "old")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "letter")
        try WholeFile.write(Array("new".utf8), to: folder.path + "/link")
        XCTAssertEqual(folder.text("letter"), "new")
        XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link"), "letter")
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        XCTAssertEqual(attributes[.posixPermissions] as? Int, 0o640)
        XCTAssertEqual(folder.names(), ["letter", "link"])
    }

    func testWhatIsNoFileIsWrittenToAndAFolderIsRefused() throws {
        let folder = try folder()
        let mailroom = try Programs.built("mailroom", for: Self.self).path(percentEncoded: false)
        let script =
            "mkfifo pipe && cat pipe > got & while [ ! -p pipe ]; do :; done; "
            + "'\(mailroom)' render --template hello.md --values values.json --format text --output pipe; wait; test -p pipe"
        let outcome = try Programs.run("sh", ["-c", script], in: URL(filePath: folder.path))
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        XCTAssertTrue(try XCTUnwrap(folder.text("got")).contains("we meet on Monday"))
        XCTAssertThrowsError(try WholeFile.write([], to: folder.path)) { error in
            XCTAssertTrue("\(error)".hasPrefix("\(folder.path) was not written: "), "\(error)")
        }
        XCTAssertThrowsError(try WholeFile.write([], to: folder.path + "/none/letter"))
    }

    func testPicturesOfAMailAreWrittenIntoItsHTML() throws {
        let letter = RenderedDocument(
            html: "<img src=\"cid:logo\"><img src='cid:logo2'>",
            attachments: [
                MIMEPart(mediaType: try MediaType("image/png"), bytes: [1, 2, 3], contentID: "logo"),
                MIMEPart(mediaType: try MediaType("image/jpeg"), bytes: [4], contentID: "logo2"),
            ])
        XCTAssertEqual(
            letter.standaloneHTML,
            "<img src=\"data:image/png;base64,AQID\"><img src='data:image/jpeg;base64,BA=='>")
        XCTAssertNil(letter.pdf)
    }
}

import Foundation
import TestSupport
import XCTest

/// `mailroom templates`: what there is, and what is wrong with it.
final class TemplatesCommandTests: XCTestCase {
    private func folder() throws -> TestFolder {
        let folder = TestFolder()
        _ = try folder.file("hello.md", "---\nsubject: Hello {{name}}\nlanguage: en-GB\n---\n\nDear {{name}}\n")
        _ = try folder.file(
            "letter.md", "---\nsubject: A letter\nattachment: letter.pdf\n---\n\nDear {{person.name}}\n")
        return folder
    }

    func testTemplatesAreListedWithEditionLanguageAndWhatTheyMake() async throws {
        let folder = try folder()
        let json = try await MailroomProcess.run(
            "templates", "list", "--templates", folder.path, "--format", "json")
        XCTAssertEqual(json.status, 0, json.errors)
        let rows = try json.output.split(separator: "\n").map {
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        XCTAssertEqual(rows.map { $0["template"] as? String }, ["hello", "letter"])
        XCTAssertEqual(rows.map { $0["makes"] as? String }, ["text, HTML", "text, HTML, PDF"])
        XCTAssertEqual(rows.first?["language"] as? String, "en-GB")
        XCTAssertEqual((rows.first?["edition"] as? String)?.count, 12)
        let shipped = try await MailroomProcess.run("templates", "list")
        XCTAssertEqual(shipped.status, 0, shipped.errors)
        XCTAssertTrue(shipped.output.hasPrefix("TEMPLATE"), shipped.output)
        XCTAssertTrue(shipped.output.contains("\nvolunteer-letter-fr "), shipped.output)
    }

    func testACheckFindsEveryProblemOfEveryTemplate() async throws {
        let folder = try folder()
        let sound = try await MailroomProcess.run("templates", "check", "--templates", folder.path)
        XCTAssertEqual(sound.status, 0, sound.errors + sound.output)
        XCTAssertEqual(sound.output, "hello\n  works: text, HTML\nletter\n  works: text, HTML, PDF\n")
        _ = try folder.file("broken.md", "---\nsubject: x\n---\n\n::: adress\nx\n:::\n")
        _ = try folder.file("worse.md", "no front matter\n")
        let list = try await MailroomProcess.run("templates", "list", environment: ["MAILROOM_TEMPLATES": folder.path])
        XCTAssertTrue(list.output.contains("nothing: it is broken"), list.output)
        let check = try await MailroomProcess.run(
            "templates", "check", environment: ["MAILROOM_TEMPLATES": folder.path])
        XCTAssertEqual(check.status, 1, check.output)
        for line in [
            "broken\n  does not work: ", "hello\n  works", "worse\n  does not work: ", "2 of 4 templates do not",
        ] {
            XCTAssertTrue(check.output.contains(line), check.output)
        }
        let one = try await MailroomProcess.run("templates", "check", "--templates", folder.path + "/broken.md")
        XCTAssertEqual(one.status, 1)
        XCTAssertTrue(one.output.contains("line 5"), one.output)
    }

    func testValuesToBeginWithAreWhatRenderReads() async throws {
        let folder = try folder()
        let own = try await MailroomProcess.run("templates", "values", "letter", "--templates", folder.path)
        XCTAssertEqual(own.output, "{\n  \"person\": {\n    \"name\": \"name\"\n  }\n}\n")
        let shipped = try await MailroomProcess.run("templates", "values", "confirmation-fr")
        XCTAssertEqual(shipped.status, 0, shipped.errors)
        let file = try folder.file("values.json", shipped.output)
        let letter = try await MailroomProcess.run(
            "render", "--template", "confirmation-fr", "--values", file, "--format", "text")
        XCTAssertEqual(letter.status, 0, letter.errors)
        XCTAssertTrue(letter.output.contains("Repas de midi"), letter.output)
        _ = try folder.file("broken.md", "no front matter\n")
        let broken = try await MailroomProcess.run("templates", "values", "broken", "--templates", folder.path)
        XCTAssertEqual(broken.status, 1)
        XCTAssertTrue(broken.errors.contains("“broken”, line 1"), broken.errors)
    }

    func testShippedTemplatesAreCopiedAndNothingIsReplaced() async throws {
        let folder = TestFolder()
        let place = folder.path + "/letters"
        let copied = try await MailroomProcess.run("templates", "copy", place)
        XCTAssertEqual(copied.status, 0, copied.errors)
        XCTAssertTrue(copied.output.hasPrefix("12 files written to \(place)\n"), copied.output)
        let check = try await MailroomProcess.run("templates", "check", "--templates", place)
        XCTAssertEqual(check.status, 0, check.output)
        try "my own".write(toFile: place + "/invitation-fr.md", atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: place + "/invitation-en.md")
        let again = try await MailroomProcess.run("templates", "copy", place)
        XCTAssertEqual(again.status, 1)
        XCTAssertTrue(again.output.hasPrefix("1 file written"), again.output)
        XCTAssertTrue(again.errors.contains("invitation-fr.md is there already"), again.errors)
        XCTAssertEqual(try String(contentsOfFile: place + "/invitation-fr.md", encoding: .utf8), "my own")
        XCTAssertTrue(FileManager.default.fileExists(atPath: place + "/invitation-en.md"))
    }

    func testAListThatCannotBeWrittenIsAFailure() async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { throw lacking("there is no /dev/full") }
        let mailroom = try Programs.built("mailroom", for: Self.self).path(percentEncoded: false)
        let outcome = try Programs.run("sh", ["-c", "'\(mailroom)' templates list > /dev/full"])
        XCTAssertEqual(outcome.status, 1)
        XCTAssertTrue(outcome.errors.contains("standard output cannot be written to"), outcome.errors)
    }

    func testTheShippedTemplatesAreSound() async throws {
        let check = try await MailroomProcess.run("templates", "check")
        XCTAssertEqual(check.status, 0, check.output + check.errors)
    }

    func testWhatIsNotUnderstoodIsRefused() async throws {
        let cases: [(words: [String], says: String)] = [
            ([], "say what to do: list, check, values or copy"), (["lst"], "did you mean list?"),
            (["copy"], "copy needs the name of a folder"), (["copy", "a", "b"], "\"b\" is not understood"),
            (["copy", #filePath], "cannot be made a folder"), (["values"], "values needs a template's name"),
            (["values", "invitation"], "did you mean invitation-"),
            (["check", "here"], "--templates names the folder"),
            (["check", "--format", "json"], "--format goes with list"),
            (["list", "--templates", "/nowhere"], "there is no file or folder /nowhere"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(["templates"] + words)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssertTrue(process.errors.text.contains(says), "\(words): \(process.errors.text)")
        }
    }
}

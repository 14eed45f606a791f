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

    func testTheShippedTemplatesAreSound() async throws {
        let check = try await MailroomProcess.run("templates", "check")
        XCTAssertEqual(check.status, 0, check.output + check.errors)
    }

    func testWhatIsNotUnderstoodIsRefused() async throws {
        let cases: [(words: [String], says: String)] = [
            ([], "say what to do: list or check"), (["lst"], "did you mean list?"),
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

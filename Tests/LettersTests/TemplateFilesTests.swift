import Foundation
import TestSupport
import XCTest

@testable import MailroomLetters

final class TemplateFilesTests: XCTestCase {
    private func fault(_ files: TemplateFiles, _ path: String, limit: Int = 100) -> String? {
        do throws(TemplateFileFault) {
            _ = try files.contents(of: path, limit: limit)
            return nil
        } catch { return error.reason }
    }

    private func folder() throws -> TestFolder {
        let folder = TestFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/templates/fonts", withIntermediateDirectories: true)
        _ = try folder.file("outside.md", "secret")
        _ = try folder.file("templates/a.md", "a")
        _ = try folder.file("templates/_b.md", "b")
        _ = try folder.file("templates/.hidden.md", "x")
        _ = try folder.file("templates/fonts/f.ttf", "font")
        return folder
    }

    func testAFolderAndFilesCompiledInAreReadAlike() throws {
        let folder = try folder()
        for files in [
            TemplateFiles(folder: folder.path + "/templates"),
            TemplateFiles(["a.md": [97], "_b.md": [98], "fonts/f.ttf": Array("font".utf8)]),
        ] {
            XCTAssertEqual(try files.names().filter { $0.hasSuffix(".md") }, ["_b.md", "a.md"])
            XCTAssertEqual(try files.contents(of: "fonts/f.ttf", limit: 4), Array("font".utf8))
            XCTAssert(try XCTUnwrap(fault(files, "c.md")).contains("there is no file “c.md”"))
            XCTAssert(try XCTUnwrap(fault(files, "fonts/f.ttf", limit: 3)).contains("larger than"))
        }
    }

    func testNoPathLeavesTheFolder() throws {
        let folder = try folder()
        for files in [
            TemplateFiles(folder: folder.path + "/templates"),
            TemplateFiles(["../outside.md": [1], "/etc/passwd": [1]]),
        ] {
            for path in [
                "../outside.md", "fonts/../../outside.md", "/etc/passwd", "~/x", "./a.md", "fonts//f.ttf", "a.md/", "",
                "..", "fonts\\..\\x", "C:x", "a.md\u{0}", "file:a.md",
                "../\u{301}/x", "/\u{301}x", "x\\\u{301}y", "a/../\u{338}x",
            ] { XCTAssertNotNil(fault(files, path), path) }
        }
        XCTAssert(try XCTUnwrap(fault(TemplateFiles([:]), "../outside.md")).contains("“..”"))
    }

    func testALinkMayPointWithinTheFolderOnly() throws {
        let folder = try folder()
        let templates = folder.path + "/templates"
        for (link, target) in [
            ("in.md", "a.md"), ("out.md", "../outside.md"), ("root.md", "/etc/hostname"), ("up", ".."),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(templates)/\(link)", withDestinationPath: target)
        }
        let files = TemplateFiles(folder: templates)
        XCTAssertEqual(try files.contents(of: "in.md", limit: 10), [97])
        for path in ["out.md", "root.md", "up/outside.md"] {
            XCTAssert(try XCTUnwrap(fault(files, path)).contains("leaves the templates' folder"), path)
        }
        // A folder whose name begins with that of the templates is another folder.
        try FileManager.default.createDirectory(atPath: folder.path + "/templates2", withIntermediateDirectories: true)
        _ = try folder.file("templates2/x.md", "x")
        try FileManager.default.createSymbolicLink(
            atPath: "\(templates)/near.md", withDestinationPath: "../templates2/x.md")
        XCTAssertNotNil(fault(files, "near.md"))
        // So is one whose name differs in how an accent is written.
        for (name, accent) in [("\u{E9}", "x"), ("e\u{301}", "y")] {
            try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
            _ = try folder.file("\(name)/\(accent).md", accent)
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/\u{E9}/out.md", withDestinationPath: "../e\u{301}/y.md")
        XCTAssertNotNil(fault(TemplateFiles(folder: folder.path + "/\u{E9}"), "out.md"))
        // A link to the folder itself is followed.
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "templates")
        XCTAssertEqual(try TemplateFiles(folder: folder.path + "/link").contents(of: "a.md", limit: 10), [97])
    }

    func testOnlyRegularFilesAreRead() throws {
        let folder = try folder()
        let files = TemplateFiles(folder: folder.path + "/templates")
        XCTAssertEqual(mkfifo(folder.path + "/templates/pipe.md", 0o600), 0)
        for path in ["pipe.md", "fonts"] {
            XCTAssert(try XCTUnwrap(fault(files, path)).contains("no regular file"), path)
        }
    }

    func testAFolderThatIsNotThereIsNamed() {
        XCTAssertThrowsError(try TemplateFiles(folder: "/nowhere/at/all").names()) { error in
            XCTAssert((error as? TemplateFileFault)?.reason.contains("/nowhere/at/all") == true)
        }
    }
}

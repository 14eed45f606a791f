import Foundation
import MailroomMIME
import XCTest

#if canImport(FoundationXML)
    import FoundationXML
#endif

final class MaterialTests: XCTestCase {
    private func messages() throws -> [URL] {
        let files = Samples.material().filter {
            ["msg", "eml"].contains($0.pathExtension) || $0.deletingLastPathComponent().lastPathComponent == "python"
        }
        if files.isEmpty { throw XCTSkip("the samples of other projects are not beside the package") }
        return files
    }

    func testReadsEveryMessageOfOtherProjects() throws {
        for file in try messages() {
            let entity = Entity(parsing: try Samples.bytes(file))
            XCTAssertFalse(entity.isTruncated, file.lastPathComponent)
            _ = (entity.plainText, entity.html, entity.attachments.map(\.fileName), entity.mailboxes("To"))
        }
    }

    func testAgreesWithTheTreesOtherProjectsExpect() throws {
        var matching = 0
        var differing: [String] = []
        for file in try messages() {
            let stem = file.deletingPathExtension().path
            guard let tree = Tree.read(URL(fileURLWithPath: stem + "_decoded.xml")) else { continue }
            let entity = Entity(parsing: try Samples.bytes(file))
            let expected = tree.outline(beside: file)
            let found = Self.outline(entity)
            if expected == found {
                matching += 1
            } else {
                differing.append(file.lastPathComponent)
            }
        }
        print("\(matching) of \(matching + differing.count) messages have the tree that their projects expect")
        XCTAssertEqual(matching + differing.count, 80)
        XCTAssertEqual(differing.sorted(), Self.readOtherwise)
    }

    /// Where this reader keeps what the others leave out: text that follows a header without an empty line, all of a
    /// message without a header, and what follows the padding of base64.
    private static let readOtherwise = [
        "basic-plain-with-bad-header-separator.msg", "frag.msg", "hdr-fakeout.msg", "malformedHeader-nocrlfcrlf.msg",
        "malformedHeader-noheader.msg", "malformedHeaderStartsBody-nocrlfcrlf.msg",
        "malformedHeaderStartsBody-noheader.msg", "multi-frag.msg",
    ]

    /// Names of fields, nesting and bodies as text to compare.
    private static func outline(_ entity: Entity, indent: String = "") -> String {
        // The others leave out fields whose names are not ASCII.
        let names = entity.fields.map(\.name).filter { $0.utf8.allSatisfy { $0 < 128 } }
        var text = indent + names.joined(separator: " ") + "\n"
        if entity.contentType.type == "multipart",
            entity.body.isEmpty || !entity.parts.isEmpty || entity.contentType["boundary"] != nil
        {
            text += indent + "multipart\n"
        } else if entity.parts.isEmpty {
            text += indent + Tree.digest(entity.body) + "\n"
        }
        for part in entity.parts { text += outline(part, indent: indent + "  ") }
        return text
    }
}

/// A node of an expected tree.
private final class Tree: NSObject, XMLParserDelegate {
    private var element = ""
    private var name: String?
    private var text = ""
    private var children: [Tree] = []
    private var open: [Tree] = []

    static func read(_ url: URL) -> Tree? {
        guard let parser = XMLParser(contentsOf: url) else { return nil }
        let root = Tree()
        root.open = [root]
        parser.delegate = root
        return parser.parse() ? root.children.first : nil
    }

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        let child = Tree()
        child.element = elementName
        child.name = attributes["name"]
        open.last?.children.append(child)
        open.append(child)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }

    func parser(_ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    static func digest(_ bytes: [UInt8]) -> String {
        let text = bytes.filter { $0 != 13 }
        return "\(text.count) \(text.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) })"
    }

    func outline(beside file: URL, indent: String = "") -> String {
        var result = ""
        for child in children {
            switch child.element {
            case "header":
                let names = child.children.map { field in
                    let line = field.text.drop { $0.isWhitespace }.prefix { $0 != ":" }
                    return line.trimmingCharacters(in: .whitespaces)
                }
                result += indent + names.joined(separator: " ") + "\n"
            case "multipart":
                result += indent + "multipart\n" + child.outline(beside: file, indent: indent)
            case "body-part", "message":
                result += child.outline(beside: file, indent: indent + "  ")
            case "text-body", "binary-body":
                let url = file.deletingLastPathComponent().appendingPathComponent(child.name ?? "")
                result += indent + Self.digest((try? Samples.bytes(url)) ?? [1]) + "\n"
            default: break
            }
        }
        return result
    }
}

import Foundation
import Mailroom
import MailroomCommands
import MailroomDKIM
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomSMTP
import MailroomSendmail
import MailroomSpool
import Synchronization
import XCTest

@testable import MailroomTool

/// An article of the documentation.
struct Article {
    private let lines: [Substring]

    /// The lines between fences of a language, block by block.
    func blocks(_ language: String) -> [String] {
        var blocks: [String] = []
        var block: [Substring]?
        for line in lines {
            if let content = block {
                if line == "```" {
                    blocks.append(content.joined(separator: "\n"))
                    block = nil
                } else {
                    block = content + [line]
                }
            } else if line == "```\(language)" {
                block = []
            }
        }
        return blocks
    }

    var text: String { lines.joined(separator: "\n") }

    /// The bytes of the template that the article shows.
    var template: [UInt8] { Array((blocks("markdown").first ?? "").utf8) }

    fileprivate init(_ file: URL) throws {
        lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    fileprivate static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Documentation/Mailroom.docc")
}

/// An article by the name of its file.
func article(_ name: String) throws -> Article { try Article(Article.folder.appending(path: "\(name).md")) }

final class DocumentationTests: XCTestCase {
    func testEveryExampleOfTheArticlesIsCompiledAsItStands() throws {
        var compiled: [String: [String]] = [:]
        for file in [
            "DocumentationExamples.swift", "DocumentationTransports.swift", "DocumentationAdapters.swift",
            "DocumentationBrokers.swift", "DocumentationTesting.swift", "DocumentationCapture.swift",
            "DocumentationPDF.swift",
        ] {
            let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: file)
            for (name, snippet) in snippets(in: try String(contentsOf: source, encoding: .utf8)) {
                compiled[name, default: []].append(snippet)
            }
        }
        let files = try FileManager.default.contentsOfDirectory(at: Article.folder, includingPropertiesForKeys: nil)
        let names = files.filter { $0.pathExtension == "md" }.map { $0.deletingPathExtension().lastPathComponent }
        XCTAssert(Set(names).isSuperset(of: compiled.keys), "an example is marked with the name of no article")
        for name in names {
            XCTAssertEqual(try article(name).blocks("swift").sorted(), (compiled[name] ?? []).sorted(), name)
        }
    }

    /// What stands between `// snippet: Article` and `// end of snippet`, as far to the left as it goes.
    private func snippets(in source: String) -> [(article: String, text: String)] {
        var snippets: [(String, String)] = []
        var open: (article: String, indent: Int, lines: [Substring])?
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("// snippet: ") {
                open = (String(text.dropFirst(12)), line.count - text.count, [])
            } else if text == "// end of snippet", let snippet = open {
                snippets.append((snippet.article, snippet.lines.joined(separator: "\n")))
                open = nil
            } else if let indent = open?.indent {
                open?.lines.append(line.dropFirst(min(indent, line.count)))
            }
        }
        return snippets
    }

    func testEveryOptionOfATransportsURLIsDocumented() throws {
        let documented = try article("Transports").text
        let schemes = [TransportScheme.smtp, .smtps, .sendmail, .spool, .dkim] + TransportScheme.decorators
        for scheme in schemes {
            for option in scheme.options {
                let isNamed = documented.contains("`\(option)`") || documented.contains("\(option)=")
                XCTAssert(isNamed, "\(scheme.name): \(option) is not documented")
            }
        }
    }

    func testEveryOptionOfABrokersURLIsDocumented() throws {
        let documented = try article("Brokers").text
        for scheme in [BrokerScheme.redis, .rediss, .file, .memory] {
            for option in scheme.options {
                XCTAssert(documented.contains("`\(option)`"), "\(scheme.name): \(option) is not documented")
            }
        }
    }

    func testEveryCommandAndOptionIsDocumented() async throws {
        let operating = try article("OperatingWorkers").text
        let help = await output(of: ["help"])
        let commands = help.split(separator: "\n").filter { $0.hasPrefix("  ") }.map {
            String($0.split(separator: " ")[0])
        }
        XCTAssert(commands.contains("work"), help)
        for command in commands {
            XCTAssert(operating.contains("`\(command)`"), "\(command) is not documented")
            if command == "demo" { continue }
            let documented = command == "capture" ? try article("Capture").text : operating
            for line in await output(of: [command, "--help"]).split(separator: "\n") where line.hasPrefix("  --") {
                let option = String(line.split(separator: " ")[0])
                XCTAssert(documented.contains(option), "\(command) \(option) is not documented")
            }
        }
    }

    private func output(of words: [String]) async -> String {
        let text = Mutex("")
        let console = Console(write: { part in text.withLock { $0 += part } }, writeError: { _ in })
        _ = await (try? Tool.commands())?.run(words, on: console, variables: [:])
        return text.withLock { $0 }
    }
}

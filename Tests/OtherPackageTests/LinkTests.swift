import Foundation
import XCTest

/// What a test target links that uses MailroomTesting, read from the sources: the compiler lets no module be used that
/// is not imported.
final class LinkTests: XCTestCase {
    private let pure: Set<String> = ["MailroomTesting", "Mailroom", "MailroomMIME"]
    /// Calls of the C library that only networking and loading libraries need.
    private let networking: Set<String> = ["socket(", "getaddrinfo(", "dlopen("]
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    func testTheTestingModuleStandsOnNoSocketsHTTPOrTLS() throws {
        let reach = try reach(of: "MailroomTesting")
        XCTAssertEqual(reach.ours, pure)
        let system: Set = ["Foundation", "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin"]
        XCTAssertEqual(reach.others.subtracting(system), [])
        XCTAssertEqual(reach.calls, [])
        // The same reading finds what the scripted server stands on, so it does not look past such things.
        let scripted = try self.reach(of: "MailroomScriptedServer")
        XCTAssertEqual(scripted.ours, ["MailroomScriptedServer", "MailroomSockets", "MailroomLibraries"])
        XCTAssertEqual(scripted.calls, networking)
    }

    func testTheManifestGivesTheTestingModuleNothingElse() throws {
        XCTAssertEqual(try manifestReach(of: "MailroomTesting"), pure)
        XCTAssertEqual(
            try manifestReach(of: "MailroomScriptedServer"),
            ["MailroomScriptedServer", "MailroomSockets", "MailroomLibraries"])
    }

    private struct Reach {
        var ours: Set<String> = []
        var others: Set<String> = []
        var calls: Set<String> = []
    }

    /// The modules of this package and of others that a module's sources import, and theirs in turn, and which of the
    /// networking calls they make.
    private func reach(of module: String) throws -> Reach {
        var reach = Reach()
        var left = [module]
        while let next = left.popLast() {
            guard !reach.ours.contains(next) else { continue }
            let folder = root.appending(path: "Sources/\(next)")
            guard FileManager.default.fileExists(atPath: folder.path) else {
                reach.others.insert(next)
                continue
            }
            reach.ours.insert(next)
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            let sources = (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            XCTAssertGreaterThan(sources.count, 1, next)
            for source in sources {
                let text = try String(contentsOf: source, encoding: .utf8)
                reach.calls.formUnion(networking.filter(text.contains))
                for line in text.split(separator: "\n") {
                    if let name = imported(by: line) { left.append(name) }
                }
            }
        }
        return reach
    }

    /// The module that a line imports, as in `public import Foundation` or `import struct Foundation.Date`.
    private func imported(by line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 2, !line.hasPrefix("//"), place + 1 < words.count
        else { return nil }
        return words[words.count - 1].split(separator: ".").first.map(String.init)
    }

    /// The libraries that `Package.swift` puts under a library.
    private func manifestReach(of module: String) throws -> Set<String> {
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        var (reached, left): (Set<String>, [String]) = ([], [module])
        while let next = left.popLast() {
            guard reached.insert(next).inserted else { continue }
            let declared = manifest.split(separator: "\n").filter { $0.contains("library(\"\(next)\"") }
            let line = try XCTUnwrap(declared.first, "\(next) is no library of one line in Package.swift")
            left += line.split(separator: "\"").filter { $0.hasPrefix("Mailroom") }.map(String.init)
        }
        return reached
    }
}

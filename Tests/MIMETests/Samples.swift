import Foundation
import MailroomMIME
import XCTest

enum Samples {
    static func message(
        from: [String] = ["a@example.org"], to: [String] = ["b@example.org"], subject: String = "S",
        text: String? = "T\n",
        html: String? = nil
    ) throws -> InternetMessage {
        InternetMessage(
            from: try from.map { try Mailbox($0) }, to: try to.map { try Mailbox($0) }, subject: subject,
            date: MessageDate(secondsSince1970: 1_763_714_096, utcOffset: 60), messageID: "1@example.org", text: text,
            html: html)
    }

    /// Files of other projects' tests, beside the package; empty when they are not there.
    static func material() -> [URL] {
        let root: URL
        if let path = ProcessInfo.processInfo.environment["MAILROOM_MATERIAL"] {
            root = URL(fileURLWithPath: path)
        } else {
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            root = package.deletingLastPathComponent().appendingPathComponent("shared/material")
        }
        let folder = root.appendingPathComponent("mime")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
        return paths.sorted().map { folder.appendingPathComponent($0) }
    }

    static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
}

func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// The lines of the header, without line endings.
func headerLines(_ bytes: [UInt8]) -> [String] {
    let text = string(bytes)
    return (text.components(separatedBy: "\r\n\r\n").first ?? "").components(separatedBy: "\r\n")
}

/// A field as written, its folding kept.
func written(_ name: String, _ bytes: [UInt8]) -> String {
    var found: [String] = []
    for line in headerLines(bytes) {
        if line.hasPrefix(name + ":") {
            found.append(line)
        } else if !found.isEmpty {
            guard line.hasPrefix(" ") || line.hasPrefix("\t") else { break }
            found.append(line)
        }
    }
    return found.joined(separator: "\r\n")
}

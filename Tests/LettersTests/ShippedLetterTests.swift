import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import MailroomTemplates
import XCTest

final class ShippedLetterTests: XCTestCase {
    func testLook() async throws {
        let renderer = LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)])
        for (index, row) in teachers().enumerated() {
            let document = Document(template: "volunteer-letter", values: row.mapValues { .text($0) })
            _ = try renderer.check(document)
            let rendered = try await renderer.render(document)
            try Data(rendered.attachments[0].bytes).write(to: URL(fileURLWithPath: "/tmp/pdfbench/letter\(index).pdf"))
            try Data(rendered.html!.utf8).write(to: URL(fileURLWithPath: "/tmp/pdfbench/letter\(index).html"))
            try Data(rendered.text!.utf8).write(to: URL(fileURLWithPath: "/tmp/pdfbench/letter\(index).txt"))
            print(rendered.subject!, rendered.attachments[0].fileName!)
        }
    }
}

/// The rows of the list of teachers, by column.
func teachers() -> [[String: String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    let text = Array(String(decoding: Shipped.teachers, as: UTF8.self))
    for (index, character) in text.enumerated() {
        switch character {
        case "\"":
            if isQuoted && index > 0 && text[index - 1] == "\"" && index + 1 < text.count { }
            isQuoted.toggle()
            if isQuoted && text[index - 1] == "\"" { rows[rows.count - 1][rows[rows.count - 1].count - 1] += "\"" }
        case "," where !isQuoted: rows[rows.count - 1].append("")
        case "\n" where !isQuoted: rows.append([""])
        default: rows[rows.count - 1][rows[rows.count - 1].count - 1].append(character)
        }
    }
    let header = rows.removeFirst()
    return rows.filter { $0.count == header.count }.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
}

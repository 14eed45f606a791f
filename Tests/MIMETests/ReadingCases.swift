import Foundation
import MailroomMIME
import TestSupport
import XCTest

/// Generated messages beside what any reader must find in them, for the readers of other languages.
enum ReadingCases {
    /// A file of cases as JSON, given to `body`.
    static func withFile(count: Int, seed: UInt64, _ body: (URL) throws -> Void) throws {
        var generator = MessageGenerator(seed: seed)
        var cases: [[String: Any]] = []
        for _ in 0..<count { cases.append(expected(of: generator.message())) }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("mailroom-\(UUID().uuidString).json")
        try JSONSerialization.data(withJSONObject: cases).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file)
    }

    private static func expected(of message: InternetMessage) -> [String: Any] {
        let bytes = message.encoded()
        let entity = Entity(parsing: bytes)
        let isLone = MessageGenerator.endsItsLastLine(entity)
        let people = { (list: [Mailbox]) -> [[String]] in
            list.map { [MessageGenerator.asRead($0).name ?? "", MessageGenerator.asRead($0).address.description] }
        }
        var expected: [String: Any] = [
            "message": Data(bytes).base64EncodedString(), "subject": MessageGenerator.trimmed(message.subject),
            "from": people(message.from), "to": people(message.to), "cc": people(message.cc),
            "reply-to": people(message.replyTo), "sender": people(message.sender.map { [$0] } ?? []),
            "references": message.references.map { "<\($0)>" }, "tree": tree(entity),
            "in-reply-to": message.inReplyTo.map { "<\($0)>" }, "message-id": "<\(message.messageID)>",
            "date": [Int(message.date.secondsSince1970), message.date.utcOffset * 60],
            "links": message.unsubscribe?.links ?? [],
            "post": message.unsubscribe?.isOneClick == true ? "List-Unsubscribe=One-Click" : "",
            "fields": message.fields.map { [$0.name, MessageGenerator.trimmed($0.value)] },
            "files": (message.inline + message.attachments).map {
                [$0.fileName ?? "", $0.mediaType.essence, Data($0.bytes).base64EncodedString(), $0.contentID ?? ""]
            },
        ]
        if let text = MessageGenerator.normalised(message.text, isLone) { expected["text"] = text }
        if let html = MessageGenerator.normalised(message.html, isLone) { expected["html"] = html }
        return expected
    }

    /// The types of all parts, such as `multipart/mixed(text/plain,application/pdf)`; messages within are not opened.
    static func tree(_ entity: Entity) -> String {
        guard entity.contentType.type == "multipart" else { return entity.contentType.essence }
        return entity.contentType.essence + "(" + entity.parts.map(tree).joined(separator: ",") + ")"
    }
}

import MailroomMIME
import TestSupport
import XCTest

final class FuzzTests: XCTestCase {
    func testNoMutilatedMessageStopsTheReader() throws {
        var random = SeededGenerator(3)
        var messages = MessageGenerator(seed: 5)
        var seeds = (0..<20).map { _ in messages.message().encoded() }
        for url in Samples.material() where ["msg", "eml", "txt"].contains(url.pathExtension) {
            let bytes = try Samples.bytes(url)
            if bytes.count < 4000 { seeds.append(bytes) }
        }
        let spice = [
            "--", "\r\n", "\n\n", "=?", "?=", "=", ";", "\"", "(", "*0*=",
            "Content-Type: multipart/mixed; boundary=\"\"\n", "\0", "\u{1B}$B", "%", "<", ",", ":", "utf-16", "base64",
        ]
        for round in 0..<1500 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...200, using: &random)))
                case 3:
                    bytes.insert(contentsOf: spice.randomElement(using: &random).map { Array($0.utf8) } ?? [], at: at)
                default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 120)], at: 0)
                }
            }
            let entity = Entity(parsing: bytes, limits: ReaderLimits(depth: 8, parts: 50, bodyOctets: 1 << 20))
            XCTAssertLessThanOrEqual(visit(entity, depth: 0), 51)
            XCTAssertLessThanOrEqual(size(entity), 1 << 20)
        }
    }

    /// Looks at everything an entity offers; the number of entities.
    private func visit(_ entity: Entity, depth: Int) -> Int {
        XCTAssertLessThanOrEqual(depth, 8)
        for field in entity.fields {
            let decoded = entity.first(field.name) ?? ""
            XCTAssertFalse(decoded.utf8.contains(10) || decoded.utf8.contains(13) || decoded.utf8.contains(0))
        }
        for name in ["From", "To", "Cc"] {
            for mailbox in entity.mailboxes(name) { XCTAssertNil(mailbox.problem) }
        }
        _ = (entity.text, entity.plainText, entity.html, entity.attachments.count)
        if let name = entity.fileName { XCTAssertFalse(name.contains("/") || name.contains("\n") || name.isEmpty) }
        return 1 + entity.parts.reduce(0) { $0 + visit($1, depth: depth + 1) }
    }

    private func size(_ entity: Entity) -> Int { entity.body.count + entity.parts.reduce(0) { $0 + size($1) } }
}

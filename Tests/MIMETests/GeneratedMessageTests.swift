import Foundation
import MailroomMIME
import TestPrograms
import XCTest

final class GeneratedMessageTests: XCTestCase {
    func testEveryMessageIsSevenBitAndReadsBackAsItWas() throws {
        var generator = MessageGenerator(seed: 7)
        for index in 0..<600 {
            let message = generator.message()
            XCTAssertEqual(message.problems(), [], "\(index)")
            let bytes = message.encoded()
            assertSevenBitLines(bytes)
            XCTAssertEqual(bytes, message.encoded())
            var appended: [UInt8] = [1, 2]
            message.write(into: &appended)
            XCTAssertEqual(Array(appended.dropFirst(2)), bytes)
            for line in string(bytes).components(separatedBy: "\r\n") where line.utf8.count > 78 {
                // Only what has no blank to fold at may be longer, and no encoded word is.
                let value =
                    line.hasPrefix(" ") ? line.drop { $0 == " " || $0 == "\t" } : line.drop { $0 != " " }.dropFirst()
                XCTAssertFalse(value.contains(" ") || line.contains("=?utf-8?"), line)
            }

            let read = Entity(parsing: bytes)
            XCTAssertEqual(read.first("Subject"), MessageGenerator.trimmed(message.subject), "\(index)")
            XCTAssertEqual(read.mailboxes("From"), message.from.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.mailboxes("To"), message.to.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.mailboxes("Cc"), message.cc.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.first("Message-ID"), "<\(message.messageID)>")
            for field in message.fields {
                XCTAssertEqual(read.first(field.name), MessageGenerator.trimmed(field.value), "\(index)")
            }
            let isLone = MessageGenerator.endsItsLastLine(read)
            XCTAssertEqual(read.plainText, MessageGenerator.normalised(message.text, isLone), "\(index)")
            XCTAssertEqual(read.html, MessageGenerator.normalised(message.html, isLone), "\(index)")
            let parts = message.inline + message.attachments
            XCTAssertEqual(read.attachments.map(\.body), parts.map(\.bytes), "\(index)")
            XCTAssertEqual(read.attachments.map(\.fileName), parts.map(\.fileName), "\(index)")
            XCTAssertEqual(read.attachments.map(\.contentType), parts.map(\.mediaType), "\(index)")
        }
    }

    func testPythonReadsEveryMessageAsItWas() throws {
        var generator = MessageGenerator(seed: 11)
        var cases: [[String: Any]] = []
        for _ in 0..<250 {
            let message = generator.message()
            let bytes = message.encoded()
            let isLone = MessageGenerator.endsItsLastLine(Entity(parsing: bytes))
            let people = { (list: [Mailbox]) -> [[String]] in
                list.map { [MessageGenerator.asRead($0).name ?? "", MessageGenerator.asRead($0).address.description] }
            }
            var expected: [String: Any] = [
                "message": Data(bytes).base64EncodedString(), "subject": MessageGenerator.trimmed(message.subject),
                "from": people(message.from), "to": people(message.to), "cc": people(message.cc),
                "files": (message.inline + message.attachments).map {
                    [$0.fileName ?? "", $0.mediaType.essence, Data($0.bytes).base64EncodedString()]
                },
            ]
            if let text = MessageGenerator.normalised(message.text, isLone) { expected["text"] = text }
            if let html = MessageGenerator.normalised(message.html, isLone) { expected["html"] = html }
            cases.append(expected)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mailroom-mime-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("cases.json")
        try JSONSerialization.data(withJSONObject: cases).write(to: file)

        let outcome = try Programs.run("python3", ["-c", Self.script, file.path])
        XCTAssertEqual(outcome.output + outcome.errors, "250 read, 0 differ\n")
    }

    private static let script = """
        import base64, email, email.policy, json, sys
        from email.header import decode_header, make_header
        from email.utils import getaddresses

        def words(value):
            # One character set a run, as the standard has it; folding undone first.
            return str(make_header(decode_header(value.replace('\\r\\n', ''))))

        def people(message, name):
            raw = [value.replace('\\r\\n', '') for value in message.get_all(name, [])]
            return [[words(shown) if shown else '', address] for shown, address in getaddresses(raw)]

        def inspect(case):
            data = base64.b64decode(case['message'])
            message = email.message_from_bytes(data, policy=email.policy.compat32)
            found = []
            def same(what, got, expected):
                if got != expected:
                    found.append('%s: %r is not %r' % (what, got, expected))
            for part in message.walk():
                if part.defects:
                    found.append('defects: %r' % part.defects)
            same('subject', words(message['Subject']).strip(' \\t'), case['subject'])
            for name in ('from', 'to', 'cc'):
                same(name, people(message, name), case[name])
            text = html = None
            files = []
            for part in message.walk():
                if part.is_multipart():
                    continue
                body = part.get_payload(decode=True)
                kind = part.get_content_type()
                if part.get_content_disposition() is None and kind == 'text/plain' and text is None:
                    text = body.decode('utf-8')
                elif part.get_content_disposition() is None and kind == 'text/html' and html is None:
                    html = body.decode('utf-8')
                else:
                    files.append([part.get_filename() or '', kind, base64.b64encode(body).decode()])
            same('text', text, case.get('text'))
            same('html', html, case.get('html'))
            same('files', files, case['files'])
            modern = email.message_from_bytes(data, policy=email.policy.SMTP)
            same('modern subject', str(modern['Subject']).strip(' \\t'), case['subject'])
            addresses = lambda name: [a.addr_spec for a in modern[name].addresses] if modern[name] else []
            for name in ('from', 'to', 'cc'):
                same('modern ' + name, addresses(name), [address for _, address in case[name]])
            return found

        differ = 0
        cases = json.load(open(sys.argv[1]))
        for index, case in enumerate(cases):
            found = inspect(case)
            if found:
                differ += 1
                if differ <= 5:
                    print(index, *found, sep='\\n  ')
        print('%d read, %d differ' % (len(cases), differ))
        """
}

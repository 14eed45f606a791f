import Foundation
import MailroomMIME
import TestSupport
import XCTest

/// Python's `email` reads what the writer wrote.
final class PythonReadingTests: XCTestCase {
    func testPythonReadsEveryMessageAsItWas() throws {
        try ReadingCases.withFile(count: 300, seed: 11) { file in
            let outcome = try Programs.run("python3", ["-c", Self.script, file.path])
            XCTAssertEqual(outcome.output + outcome.errors, "300 read, 0 differ\n")
        }
    }

    private static let script = """
        import base64, email, email.policy, json, sys
        from email.header import decode_header, make_header
        from email.utils import getaddresses, mktime_tz, parsedate_tz

        def words(value):
            # One character set a run, as the standard has it; folding undone first.
            return str(make_header(decode_header(value.replace('\\r\\n', ''))))

        def people(message, name):
            raw = [value.replace('\\r\\n', '') for value in message.get_all(name, [])]
            return [[words(shown) if shown else '', address] for shown, address in getaddresses(raw)]

        def tree(part):
            kind = part.get_content_type()
            if part.get_content_maintype() != 'multipart':
                return kind
            return kind + '(' + ','.join(tree(inner) for inner in part.get_payload()) + ')'

        def leaves(part):
            if part.get_content_maintype() == 'multipart':
                for inner in part.get_payload():
                    yield from leaves(inner)
            else:
                yield part

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
            same('tree', tree(message), case['tree'])
            same('subject', words(message['Subject']).strip(' \\t'), case['subject'])
            for name in ('from', 'to', 'cc', 'reply-to', 'sender'):
                same(name, people(message, name), case[name])
            same('message-id', message['Message-ID'], case['message-id'])
            date = parsedate_tz(message['Date'])
            same('date', [mktime_tz(date), date[9]], case['date'])
            for name in ('in-reply-to', 'references'):
                same(name, (message[name] or '').split(), case[name])
            same('post', message['List-Unsubscribe-Post'] or '', case['post'])
            for name, value in case['fields']:
                same(name, [words(raw).strip(' \\t') for raw in message.get_all(name, [])], [value])
            links = ''.join((message['List-Unsubscribe'] or '').split())
            same('links', links, ','.join('<%s>' % link for link in case['links']))
            text = html = None
            files = []
            for part in leaves(message):
                kind = part.get_content_type()
                if part.is_multipart():
                    # Python opens a message within the message, and writes it again as it was.
                    body = part.get_payload(0).as_bytes(policy=email.policy.compat32.clone(linesep='\\r\\n'))
                else:
                    body = part.get_payload(decode=True)
                if part.get_content_disposition() is None and kind == 'text/plain' and text is None:
                    text = body.decode('utf-8')
                elif part.get_content_disposition() is None and kind == 'text/html' and html is None:
                    html = body.decode('utf-8')
                else:
                    identifier = (part['Content-ID'] or '').strip('<>')
                    files.append([part.get_filename() or '', kind, base64.b64encode(body).decode(), identifier])
            same('text', text, case.get('text'))
            same('html', html, case.get('html'))
            same('files', files, case['files'])
            modern = email.message_from_bytes(data, policy=email.policy.SMTP)
            same('modern subject', str(modern['Subject']).strip(' \\t'), case['subject'])
            moment = modern['Date'].datetime
            same('modern date', [moment.timestamp(), moment.utcoffset().total_seconds()], case['date'])
            addresses = lambda name: [a.addr_spec for a in modern[name].addresses] if modern[name] else []
            for name in ('from', 'to', 'cc', 'reply-to', 'sender'):
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

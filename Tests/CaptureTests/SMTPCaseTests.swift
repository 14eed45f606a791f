import XCTest

@testable import MailroomCapture

/// What the tests of other SMTP servers ask, as dialogues and the codes of the replies.
final class SMTPCaseTests: XCTestCase {
    private struct Case {
        let name: String
        let input: String
        let codes: [String]
        var mails = 0
    }

    private static let ready = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
    private static let long = String(repeating: "x", count: 5000)

    private static let order = [
        Case(name: "a mail before EHLO", input: "MAIL FROM:<a@x>\r\n", codes: ["503"]),
        Case(name: "a recipient before EHLO", input: "RCPT TO:<b@x>\r\n", codes: ["503"]),
        Case(name: "content before EHLO", input: "DATA\r\n", codes: ["503"]),
        Case(
            name: "RSET before EHLO does not open a mail", input: "RSET\r\nMAIL FROM:<a@x>\r\n", codes: ["250", "503"]),
        Case(
            name: "a mail in a mail", input: "EHLO c\r\nMAIL FROM:<a@x>\r\nMAIL FROM:<b@x>\r\n",
            codes: ["250", "250", "503"]),
        Case(name: "a recipient before the sender", input: "EHLO c\r\nRCPT TO:<b@x>\r\n", codes: ["250", "503"]),
        Case(
            name: "content without recipients", input: "EHLO c\r\nMAIL FROM:<a@x>\r\nDATA\r\n",
            codes: ["250", "250", "503"]),
        Case(
            name: "EHLO drops a mail", input: ready + "EHLO c\r\nDATA\r\n", codes: ["250", "250", "250", "250", "503"]),
        Case(
            name: "HELO drops a mail", input: ready + "HELO c\r\nRCPT TO:<b@x>\r\n",
            codes: ["250", "250", "250", "250", "503"]),
        Case(name: "RSET drops a mail", input: ready + "RSET\r\nDATA\r\n", codes: ["250", "250", "250", "250", "503"]),
        Case(
            name: "RSET keeps EHLO", input: ready + "RSET\r\nMAIL FROM:<a@x>\r\n",
            codes: ["250", "250", "250", "250", "250"]),
        Case(name: "QUIT in a mail", input: ready + "QUIT\r\nDATA\r\n", codes: ["250", "250", "250", "221"]),
        Case(
            name: "two mails in a row",
            input: ready + "DATA\r\n1\r\n.\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n2\r\n.\r\n",
            codes: ["250", "250", "250", "354", "250", "250", "250", "354", "250"], mails: 2),
        Case(
            name: "a second DATA", input: ready + "DATA\r\n.\r\nDATA\r\n",
            codes: ["250", "250", "250", "354", "250", "503"], mails: 1),
    ]

    private static let syntax = [
        Case(name: "an empty line", input: "\r\n", codes: ["500"]),
        Case(name: "an unknown command", input: "FOOBAR x\r\n", codes: ["500"]),
        Case(
            name: "commands in any case", input: "eHlO c\r\nmaiL fRom:<a@x>\r\nRcpt tO:<b@x>\r\ndaTa\r\n.\r\nquIT\r\n",
            codes: ["250", "250", "250", "354", "250", "221"], mails: 1),
        Case(
            name: "a blank before the address", input: "EHLO c\r\nMAIL FROM: <a@x>\r\nRCPT TO: <b@x>\r\n",
            codes: ["250", "250", "250"]),
        Case(
            name: "no bracket", input: "EHLO c\r\nMAIL FROM:a@x\r\nMAIL FROM:<a@x\r\nMAIL FROM:a@x>\r\n",
            codes: ["250", "501", "501", "501"]),
        Case(
            name: "junk after the bracket", input: "EHLO c\r\nMAIL FROM:<a@x>b\r\nMAIL FROM:<a@x><b@x>\r\n",
            codes: ["250", "501", "501"]),
        Case(
            name: "no FROM or TO",
            input: "EHLO c\r\nMAIL <a@x>\r\nMAIL TO:<a@x>\r\nMAIL FROM:<a@x>\r\nRCPT <b@x>\r\nRCPT FROM:<b@x>\r\n",
            codes: ["250", "501", "501", "250", "501", "501"]),
        Case(
            name: "the null sender", input: "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\n",
            codes: ["250", "250", "250", "354", "250"], mails: 1),
        Case(
            name: "the null recipient", input: "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<>\r\n",
            codes: ["250", "250", "501"]),
        Case(
            name: "addresses at literals",
            input: "EHLO [IPv6:::1]\r\nMAIL FROM:<a@[127.0.0.1]>\r\nRCPT TO:<b@[IPv6:2001:db8::1]>\r\n",
            codes: ["250", "250", "250"]),
        Case(
            name: "quoted local parts", input: "EHLO c\r\nMAIL FROM:<\"a b>\\\"\"@x>\r\nRCPT TO:<\"\"@x>\r\n",
            codes: ["250", "250", "250"]),
        Case(
            name: "a source route", input: "EHLO c\r\nMAIL FROM:<@r.example,@s.example:a@x>\r\nRCPT TO:<@r:b@x>\r\n",
            codes: ["250", "250", "250"]),
        Case(
            name: "control characters in an address",
            input: "EHLO c\r\nMAIL FROM:<a\u{1}@x>\r\nMAIL FROM:<a\0@x>\r\nMAIL FROM:<a\u{7F}@x>\r\n",
            codes: ["250", "501", "501", "501"]),
        Case(
            name: "letters beyond ASCII",
            input: "EHLO c\r\nMAIL FROM:<ä@x> SMTPUTF8\r\nRCPT TO:<б@x>\r\n", codes: ["250", "250", "250"]),
        Case(
            name: "letters beyond ASCII unasked", input: "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<б@x>\r\n",
            codes: ["250", "250", "553"]),
        Case(name: "SMTPUTF8 after HELO", input: "HELO c\r\nMAIL FROM:<ä@x> SMTPUTF8\r\n", codes: ["250", "555"]),
        Case(name: "SMTPUTF8 with a value", input: "EHLO c\r\nMAIL FROM:<a@x> SMTPUTF8=1\r\n", codes: ["250", "555"]),
        Case(
            name: "SIZE without number",
            input: "EHLO c\r\nMAIL FROM:<a@x> SIZE=\r\nMAIL FROM:<a@x> SIZE\r\nMAIL FROM:<a@x> SIZE=-1\r\n",
            codes: ["250", "501", "555", "501"]),
        Case(
            name: "SIZE too large",
            input: "EHLO c\r\nMAIL FROM:<a@x> SIZE=67108865\r\nMAIL FROM:<a@x> SIZE=67108864\r\n",
            codes: ["250", "552", "250"]),
        Case(
            name: "BODY unknown", input: "EHLO c\r\nMAIL FROM:<a@x> BODY=9BIT\r\nMAIL FROM:<a@x> BODY\r\n",
            codes: ["250", "501", "555"]),
        Case(
            name: "an unknown parameter",
            input: "EHLO c\r\nMAIL FROM:<a@x> FOO=BAR\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x> FOO=BAR\r\n",
            codes: ["250", "555", "250", "555"]),
        Case(
            name: "arguments where there are none", input: "EHLO c\r\nRSET x\r\nDATA x\r\nQUIT x\r\nNOOP x\r\n",
            codes: ["250", "501", "501", "501", "250"]),
        Case(name: "a PROXY header", input: "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nEHLO c\r\n", codes: ["500", "250"]),
    ]

    private static let limits = [
        Case(
            name: "a long command", input: "EHLO c\r\nMAIL FROM:<\(long)@x>\r\nNOOP\r\n", codes: ["250", "500", "250"]),
        Case(name: "a long unknown command", input: long + "\r\nNOOP\r\n", codes: ["500", "250"]),
        Case(name: "a long command whose rest looks like one", input: long + " \r\nQUIT\r\n", codes: ["500", "221"]),
        Case(name: "a long address", input: "EHLO c\r\nMAIL FROM:<\(long.prefix(1500))@x>\r\n", codes: ["250", "501"]),
        Case(
            name: "long lines in the content", input: ready + "DATA\r\n\(long)\r\n\(long)\(long)\r\n.\r\nNOOP\r\n",
            codes: ["250", "250", "250", "354", "250", "250"], mails: 1),
        Case(
            name: "too many unknown commands", input: String(repeating: "FOO\r\n", count: 25),
            codes: [String](repeating: "500", count: 20) + ["421"]),
        Case(
            name: "a command that is right in between",
            input: String(repeating: String(repeating: "FOO\r\n", count: 19) + "NOOP\r\n", count: 3),
            codes: [[String]](repeating: [String](repeating: "500", count: 19) + ["250"], count: 3).flatMap(\.self)),
        Case(name: "HTTP", input: "GET / HTTP/1.1\r\nHost: x\r\n\r\nEHLO c\r\n", codes: ["421"]),
        Case(name: "HTTP/2", input: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", codes: ["421"]),
        Case(name: "NUL", input: "\0\0\0\r\nNOOP\0\r\nEHLO c\0d\r\nNOOP\r\n", codes: ["500", "500", "501", "250"]),
        Case(
            name: "bare line ends in commands", input: "NOOP\nNOOP\r\nNO\rOP\r\nNOOP\r\r\nNOOP\r\n",
            codes: ["500", "250", "500", "500", "250"]),
    ]

    private static let content = [
        Case(
            name: "an empty mail", input: ready + "DATA\r\n.\r\n", codes: ["250", "250", "250", "354", "250"], mails: 1),
        Case(
            name: "a dot alone at a line's beginning", input: ready + "DATA\r\n.x\r\n.\r\n",
            codes: ["250", "250", "250", "354", "250"], mails: 1),
        Case(
            name: "LF dot LF", input: ready + "DATA\r\nx\n.\nMAIL FROM:<e@x>\r\n.\r\nNOOP\r\n",
            codes: ["250", "250", "250", "354", "250", "250"], mails: 1),
        Case(
            name: "a NUL after the dot", input: ready + "DATA\r\nx\r\n.\0\r\nMAIL FROM:<e@x>\r\n.\r\nNOOP\r\n",
            codes: ["250", "250", "250", "354", "250", "250"], mails: 1),
        Case(
            name: "a NUL before the dot", input: ready + "DATA\r\nx\r\n\0.\r\nMAIL FROM:<e@x>\r\n.\r\nNOOP\r\n",
            codes: ["250", "250", "250", "354", "250", "250"], mails: 1),
    ]

    private func check(_ cases: [Case]) {
        for `case` in cases {
            for size in [Int.max, 1, 7] {
                var dialogue = Dialogue()
                dialogue.say(`case`.input, every: size)
                XCTAssertEqual(dialogue.codes, `case`.codes, "\(`case`.name), by \(size)")
                XCTAssertEqual(dialogue.received.count, `case`.mails, `case`.name)
            }
        }
    }

    func testAnAddressMustBeUTF8() {
        var dialogue = Dialogue()
        dialogue.say(Array("EHLO c\r\nMAIL FROM:<".utf8) + [0xFF, 0xC3] + Array("@x> SMTPUTF8\r\n".utf8))
        XCTAssertEqual(dialogue.codes, ["250", "501"])
    }

    func testCommandsOutOfOrder() { check(Self.order) }

    func testForms() { check(Self.syntax) }

    func testLimitsAndStrangers() { check(Self.limits) }

    func testContent() { check(Self.content) }
}

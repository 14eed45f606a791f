import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// The SMTP server and its rules as clients of others see them.
final class SMTPClientTests: XCTestCase {
    /// Sends a mail by Python's smtplib and prints how that went.
    private static let script = """
        import smtplib, ssl, sys
        port, tls, login = int(sys.argv[1]), "tls" in sys.argv, "login" in sys.argv
        def short(error):
            code = getattr(error, "smtp_code", "")
            if isinstance(error, smtplib.SMTPRecipientsRefused):
                code = ",".join(str(answer[0]) for answer in error.recipients.values())
            return f"{type(error).__name__} {code}".strip()
        try:
            client = smtplib.SMTP("127.0.0.1", port, "c.example", timeout=20)
            if tls:
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                client.starttls(context=context)
            if login: client.login("joe", "s3cret")
            print(client.sendmail("a@x.example", ["b@y.example", "c@z.example"], b"Subject: x\\r\\n\\r\\n.dot \\xe4\\r\\n",
                mail_options=["BODY=8BITMIME"] if client.has_extn("8bitmime") else []) or "sent")
            try:
                print(client.noop()[0], client.quit()[0])
            except Exception as error: print("after", short(error))
        except Exception as error: print(short(error))
        """

    func testEveryActionOfARuleIsSeenByAClient() throws {
        let python = try Programs.python(with: "smtplib")
        let harness = try SMTPHarness()
        guard harness.encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        let cases: [(rules: [String], options: [String], result: [String], kept: Int)] = [
            ([], [], ["sent", "250 221"], 1), ([], ["tls", "login"], ["sent", "250 221"], 1),
            (["connect reply='554 5.3.2 No'"], [], ["SMTPConnectError 554"], 0),
            (["connect reply='421 4.3.2 Busy'"], [], ["SMTPConnectError 421"], 0),
            (["connect hangup=before"], [], ["SMTPServerDisconnected"], 0),
            (["helo reply='502 5.5.1 No'"], [], ["SMTPHeloError 502"], 0),
            (["helo hide=STARTTLS"], ["tls"], ["SMTPNotSupportedError"], 0),
            (["helo hide=*"], [], ["sent", "250 221"], 1),
            (["helo hide=AUTH"], ["login"], ["SMTPNotSupportedError"], 0),
            (["starttls reply='454 4.7.0 Not now'"], ["tls"], ["SMTPResponseException 454"], 0),
            (["starttls hangup=after"], ["tls"], ["SSL error"], 0),
            (["starttls hangup=after reset"], ["tls"], ["ConnectionResetError"], 0),
            (["auth reply='535 5.7.8 Wrong'"], ["login"], ["SMTPAuthenticationError 535"], 0),
            (["mail reply='451 4.7.1 Later'"], [], ["SMTPSenderRefused 451"], 0),
            (["mail hangup=before"], [], ["SMTPServerDisconnected"], 0),
            (
                ["rcpt to=*@y.example reply='550 5.1.1 Nobody'"], [],
                ["{'b@y.example': (550, b'5.1.1 Nobody')}", "250 221"], 1
            ),
            (["rcpt reply='450 4.2.1 Greylisted'"], [], ["SMTPRecipientsRefused 450,450"], 0),
            (["rcpt skip=1 reply='421 4.3.2 Closing'"], [], ["SMTPRecipientsRefused 421"], 0),
            (["data reply='554 5.7.1 Spam'"], [], ["SMTPDataError 554"], 0),
            (["content reply='552 5.2.2 Full'"], [], ["SMTPDataError 552"], 0),
            (["content reply='451 4.3.0 Oops' store"], [], ["SMTPDataError 451"], 1),
            (["content hangup=before"], [], ["SMTPServerDisconnected"], 1),
            (["content hangup=before drop"], [], ["SMTPServerDisconnected"], 0),
            (["content hangup=after"], [], ["sent", "after SMTPServerDisconnected"], 1),
            (["content drop"], [], ["sent", "250 221"], 0), (["any drip"], [], ["sent", "250 221"], 1),
            (["any drip=1ms"], ["tls", "login"], ["sent", "250 221"], 1),
            (["noop reply='421 4.3.2 Closing'"], [], ["sent", "after SMTPServerDisconnected"], 1),
            (["quit reply='500 5.0.0 Stay'"], [], ["sent", "250 500"], 1),
            (["helo reply='250 mx.example'"], [], ["sent", "250 221"], 1),
        ]
        for (rules, options, result, kept) in cases {
            let before = harness.mailbag.mails.count
            harness.rules.rules = try rules.map { try CaptureRule(parsing: $0) }
            let outcome = try Programs.run(python, ["-c", Self.script, "\(harness.port)"] + options)
            // Which error of TLS it is differs with the version of Python.
            let lines = outcome.output.split(separator: "\n").map { $0.hasPrefix("SSL") ? "SSL error" : String($0) }
            XCTAssertEqual(
                lines, result, "\(rules) \(options) \(outcome.errors)")
            XCTAssertEqual(harness.mailbag.mails.count - before, kept, "\(rules)")
            if !rules.isEmpty { XCTAssertGreaterThan(harness.rules.entries[0].hits, 0, "\(rules)") }
        }
        let mail = try XCTUnwrap(harness.mailbag.mails.first)
        XCTAssertEqual(mail.bytes, Array("Subject: x\r\n\r\n.dot ".utf8) + [0xE4, 13, 10])
        XCTAssertEqual(harness.mailbag.mails[1].envelope.userName, "joe")
        XCTAssertTrue(harness.mailbag.mails[1].envelope.isEncrypted)
    }

    func testARuleMayResetTheConnectionAtAnyCommand() throws {
        let harness = try SMTPHarness()
        for stage in ["connect", "helo", "mail", "rcpt", "data", "content", "noop", "quit"] {
            harness.rules.rules = [try CaptureRule(parsing: "\(stage) reset")]
            XCTAssertThrowsError(
                try {
                    // The reset may already meet the connecting.
                    let stream = try harness.connect()
                    try? stream.write(
                        Array("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\nNOOP\r\nQUIT\r\n".utf8),
                        deadline: .now + .seconds(10))
                    return try stream.rest()
                }(), stage
            ) { XCTAssertNotEqual(($0 as? SocketError)?.code, .timedOut, stage) }
        }
    }

    func testALateAnswerIsLateByThatMuch() throws {
        let harness = try SMTPHarness()
        harness.rules.rules = [try CaptureRule(parsing: "rcpt delay=120ms reply='450 4.2.1 Later'")]
        let began = ContinuousClock.now
        let replies = try harness.converse("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nQUIT\r\n")
        XCTAssertTrue(replies.hasSuffix("450 4.2.1 Later\r\n450 4.2.1 Later\r\n221 2.0.0 Bye\r\n"), replies)
        XCTAssertGreaterThanOrEqual(began.duration(to: .now), .milliseconds(240))
    }

    func testSMTPUTF8OfPythonArrives() throws {
        let python = try Programs.python(with: "smtplib")
        let harness = try SMTPHarness()
        let script = """
            import smtplib, sys
            from email.message import EmailMessage
            m = EmailMessage()
            m["From"], m["To"], m["Subject"] = "jörg@ex.example", "δοκιμή@παράδειγμα.example", "ü"
            m.set_content("ä")
            with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=20) as client: client.send_message(m)
            """
        let outcome = try Programs.run(python, ["-c", script, "\(harness.port)"])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        let mail = try XCTUnwrap(harness.mailbag.mails.first)
        XCTAssertEqual(mail.envelope.reversePath, "jörg@ex.example")
        XCTAssertEqual(mail.envelope.recipients, ["δοκιμή@παράδειγμα.example"])
        XCTAssertTrue(mail.envelope.senderParameters.contains("SMTPUTF8"))
    }

    func testSwaksAuthenticatesThroughTLS() throws {
        let swaks = try Programs.path(of: "swaks")
        let harness = try SMTPHarness()
        for (index, mechanism) in ["PLAIN", "LOGIN", "CRAM-MD5"].enumerated() {
            let outcome = try Programs.run(
                swaks,
                [
                    "--server", "127.0.0.1", "--port", "\(harness.port)", "--from", "a@x.example", "--to",
                    "b@y.example,c@y.example", "--tls", "--auth", mechanism, "--auth-user", "joe", "--auth-password",
                    "s3cret", "--body", ".\n..\nend",
                ])
            if outcome.errors.contains("requires") || outcome.output.contains("not available") {
                throw lacking("swaks lacks a module of Perl's: \(outcome.errors)")
            }
            XCTAssertEqual(outcome.status, 0, outcome.output + outcome.errors)
            let mail = harness.mailbag.mails[index]
            XCTAssertEqual(mail.envelope.recipients, ["b@y.example", "c@y.example"])
            XCTAssertEqual(mail.envelope.userName, "joe")
            XCTAssertTrue(mail.envelope.isEncrypted)
            XCTAssertTrue(mail.text.contains("\r\n.\r\n..\r\nend\r\n"), mail.text)
        }
    }

    func testALoadOfPostfixArrivesWhole() throws {
        let source = try Programs.path(of: "smtp-source")
        let harness = try SMTPHarness()
        let outcome = try Programs.run(
            source,
            [
                "-s", "10", "-m", "200", "-l", "4096", "-f", "a@x.example", "-t", "b@y.example",
                "127.0.0.1:\(harness.port)",
            ])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        let mails = harness.mailbag.mails
        XCTAssertEqual(mails.count, 200)
        XCTAssertTrue(mails.allSatisfy { $0.bytes.count >= 4096 && $0.envelope.recipients == ["b@y.example"] })
    }
}

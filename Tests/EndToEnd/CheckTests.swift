import Foundation
import MailroomScriptedServer
import TestSupport
import XCTest

/// `mailroom check` against servers, programs and folders that are as they should not be: what a person reads.
final class CheckTests: XCTestCase {
    /// Runs a check of a transport, named where other users do not see it.
    private func check(
        _ transport: String, _ words: String...
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(["check"] + words, environment: ["MAILROOM_TRANSPORT": transport])
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }

    private func assertFails(
        _ transport: String, _ words: String..., says: [String], line: UInt = #line
    ) async throws {
        let process = try MailroomProcess(["check"] + words, environment: ["MAILROOM_TRANSPORT": transport])
        let status = try await process.status()
        let text = process.output.text
        XCTAssertEqual(status, 1, text + process.errors.text, line: line)
        XCTAssertEqual(process.errors.text, "", line: line)
        let problems = text.split(separator: "\n").filter { $0.contains("  does not work: ") }
        XCTAssertEqual(problems.count, 1, text, line: line)
        for words in says { XCTAssert(problems.first?.contains(words) == true, text, line: line) }
    }

    // MARK: Servers

    func testSaysThatNothingListens() async throws {
        let result = try await check("smtp://127.0.0.1:1")
        XCTAssertEqual(result.status, 1)
        XCTAssertEqual(
            result.output,
            """
            smtp://127.0.0.1:1
              does not work: Could not connect to 127.0.0.1:1: nothing listens there. Check host and port, and that the \
            server runs.

            """)
    }

    func testPointsToThePortWhereAServerSaysNothing() async throws {
        let server = try ScriptedServer([.stall])
        try await assertFails(
            "smtp://127.0.0.1:\(server.port)", "--timeout", "0.3",
            says: ["The time ran out where the greeting was due", "on this port", "write smtps://"])
        let closing = try ScriptedServer([.hangUp])
        try await assertFails(
            "smtp://127.0.0.1:\(closing.port)",
            says: ["closed the connection where the greeting was due", "on this port"])
    }

    func testShowsWhatAServerOfAnotherKindSays() async throws {
        let server = try ScriptedServer([.reply("HTTP/1.1 400 Bad Request"), .hangUp])
        try await assertFails(
            "smtp://127.0.0.1:\(server.port)",
            says: ["“HTTP/1.1 400 Bad Request” where the greeting was due", "Check that it speaks SMTP"])
    }

    func testShowsWhyAServerRefuses() async throws {
        let server = try ScriptedServer([.reply("554 5.7.1 not from there"), .hangUp])
        try await assertFails("smtp://127.0.0.1:\(server.port)", says: ["554 5.7.1 not from there"])
    }

    func testSaysThatRequiredEncryptionIsAbsent() async throws {
        let server = try ScriptedServer(ScriptedServerStep.smtpOpening() + [.stall])
        try await assertFails(
            "smtp://127.0.0.1:\(server.port)?tls=required",
            says: ["TLS is required, but the server has none: it does not offer STARTTLS. ", "587", "465"])
        let plain = try ScriptedServer([.reply("220 hi"), .stall])
        try await assertFails(
            "smtps://127.0.0.1:\(plain.port)", says: ["what it says is not TLS", "only after STARTTLS"])
    }

    // MARK: Encryption

    func testSaysWhatIsWrongWithACertificate() async throws {
        let (good, other) = (try TestTrust(), try TestTrust(names: ["other.example"]))
        let old = try TestTrust(validFor: -200_000 ..< -100_000)
        let cases: [(TestTrust, trusts: Bool, says: [String])] = [
            (good, false, ["signed by itself (CN=server.example)", "give its file as trust file (ca in a URL)"]),
            (other, true, ["it is for other.example, not for 127.0.0.1", "by a name of its certificate"]),
            (old, true, ["it expired on ", "Its owner must renew it"]),
        ]
        for (trust, trusts, says) in cases {
            let server = try ScriptedServer(try trust.dialogue())
            try await assertFails(
                "smtp://127.0.0.1:\(server.port)?tls=required" + (trusts ? "&ca=\(trust.file.path)" : ""), says: says)
            let verifying = try await check("smtp://127.0.0.1:\(server.port)?tls=required&verify=off")
            XCTAssertEqual(verifying.status, 0, verifying.output)
            XCTAssert(verifying.output.contains("accepted although"), verifying.output)
        }
    }

    func testCallsEncryptionOfferedButNeverUnusedWhereItFailed() async throws {
        let server = try ScriptedServer(TestTrust().dialogue())
        let failed = try await check("smtp://127.0.0.1:\(server.port)?tls=required")
        XCTAssert(failed.output.contains("  TLS       offered\n"), failed.output)
        let unused = try await check("smtp://127.0.0.1:\(server.port)?tls=off")
        XCTAssert(unused.output.contains("  TLS       offered, not used\n"), unused.output)
        XCTAssertEqual(unused.status, 0)
    }

    func testSaysThatThePasswordIsWrongWithoutShowingIt() async throws {
        let trust = try TestTrust()
        let steps =
            try trust.dialogue(offering: "AUTH PLAIN") + [.expect("AUTH PLAIN "), .reply("535 5.7.8 no"), .stall]
        let server = try ScriptedServer(steps)
        let url = "smtp://me%40example.org:open%2Fsesame@127.0.0.1:\(server.port)?tls=required&ca=\(trust.file.path)"
        try await assertFails(
            url, says: ["refused to log in me@example.org by PLAIN. Check user and password: 535 5.7.8 no"])
        let result = try await check(url, "--verbose")
        XCTAssert(result.output.contains("  | C: AUTH PLAIN ***\n  | S: 535 5.7.8 no\n"), result.output)
        let encoded = Data("\0me@example.org\0open/sesame".utf8).base64EncodedString()
        for secret in ["sesame", encoded] { XCTAssertFalse((result.output + result.errors).contains(secret)) }
    }

    func testShowsTheWholeDialogueOfAServerThatWorks() async throws {
        let trust = try TestTrust()
        let login: [ScriptedServerStep] = [
            .expect("AUTH PLAIN "), .reply("235 2.7.0 welcome"), .expect("QUIT"), .reply("221 bye"),
        ]
        let server = try ScriptedServer(try trust.dialogue(offering: "AUTH PLAIN") + login)
        let result = try await check(
            "smtp://me:open-sesame@127.0.0.1:\(server.port)?tls=required&ca=\(trust.file.path)&name=client.example",
            "--verbose")
        XCTAssertEqual(result.status, 0, result.output + result.errors)
        let lines = result.output.split(separator: "\n").map(String.init)
        XCTAssertEqual(
            lines.filter { $0.hasPrefix("  | ") && !$0.contains("encrypted by") },
            [
                "*: connected to 127.0.0.1:\(server.port)", "S: 220 scripted.example", "C: EHLO client.example",
                "S: 250 scripted.example", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "C: EHLO client.example",
                "S: 250 scripted.example", "S: 250 AUTH PLAIN", "C: AUTH PLAIN ***", "S: 235 2.7.0 welcome", "C: QUIT",
                "S: 221 bye",
            ].map { "  | \($0)" })
        XCTAssert(lines.contains("  certificate  CN=server.example"), result.output)
        XCTAssertEqual(lines.suffix(2), ["  logged in    me", "  works"])
        XCTAssertEqual(server.problems, [])
    }

    // MARK: Programs and folders

    func testSaysThatASendmailProgramIsMissingOrNoProgram() async throws {
        let folder = TestFolder()
        try await assertFails(
            "sendmail://\(folder.path)/sendmail", says: ["there is no such program: install it or correct"])
        let file = try folder.file("letter.txt", "Hello")
        try await assertFails(
            "sendmail://\(file)", says: ["it is no program that this user may execute: correct its path or its mode"])
    }

    func testSaysThatAFileIsInThePlaceOfASpool() async throws {
        let folder = TestFolder()
        let file = try folder.file("letter.txt", "Hello")
        try await assertFails("spool://\(file)", says: ["Not a directory", "Name a folder"])
    }

    func testSaysThatASpoolIsForbidden() async throws {
        let folder = TestFolder()
        try XCTSkipIf(geteuid() == 0, "nothing is forbidden to root")
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        try await assertFails("spool://\(folder.path)/out", says: ["cannot write to \(folder.path)", "to the user"])
    }

    func testSaysWhereASpoolWillBe() async throws {
        let folder = TestFolder()
        let result = try await check("spool://\(folder.path)/out?format=maildir")
        XCTAssertEqual(result.status, 0)
        XCTAssertEqual(
            result.output,
            """
            spool:\(folder.path)/out
              folder  \(folder.path)/out, to be made
              format  maildir
              works

            """)
        XCTAssertEqual(folder.contents, [], "a check makes nothing")
    }

    func testSaysThatASigningKeyIsMissing() async throws {
        let folder = TestFolder()
        try await assertFails(
            "dkim(spool:\(folder.path))?domain=example.org&selector=s1&key=\(folder.path)/key.pem",
            says: ["\(folder.path)/key.pem cannot be read: No such file or directory. Put the private key there"])
    }

    // MARK: Several

    func testTellsWhichOfSeveralTransportsDoesNotWork() async throws {
        let folder = TestFolder()
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening() + [.expect("QUIT"), .reply("221 bye")])
        let result = try await check(
            "failover(smtp://127.0.0.1:\(server.port),smtp://127.0.0.1:1,spool:\(folder.path)/out)",
            "--broker", "file:\(folder.path)/queue")
        XCTAssertEqual(result.status, 1)
        let blocks = result.output.components(separatedBy: "\n\n")
        XCTAssertEqual(blocks.count, 5, result.output)
        guard blocks.count == 5 else { return }
        XCTAssert(blocks[0].hasPrefix("smtp://127.0.0.1:\(server.port)\n") && blocks[0].hasSuffix("\n  works"))
        XCTAssert(blocks[1].hasPrefix("smtp://127.0.0.1:1\n  does not work: "))
        XCTAssert(blocks[2].hasPrefix("spool:") && blocks[2].hasSuffix("\n  works"))
        XCTAssertEqual(blocks[3], "file:\(folder.path)/queue\n  queue  to be made at the first call\n  works")
        XCTAssertEqual(blocks[4], "1 of 4 does not work\n")
    }

    func testSaysWhatIsWrongWithAQueueAndMakesNone() async throws {
        let folder = TestFolder()
        let file = try folder.file("letter.txt", "Hello")
        for path in [file, "\(file)/queue"] {
            let result = try await MailroomProcess.run("check", "--broker", "file:\(path)")
            XCTAssertEqual(result.status, 1, result.output)
            XCTAssert(result.output.contains("Not a directory: name a folder"), result.output)
        }
        let broker = "file:\(folder.path)/queue"
        let absent = try await MailroomProcess.run("check", "--broker", broker)
        XCTAssertEqual(absent.output, "\(broker)\n  queue  to be made at the first call\n  works\n")
        XCTAssertEqual(folder.contents, ["letter.txt"])
        let list = try folder.file("list.csv", People.csv(1))
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            "--broker", broker)
        XCTAssertEqual(letters.status, 0, letters.errors)
        let present = try await MailroomProcess.run("check", "--broker", broker)
        XCTAssertEqual(present.status, 0)
        XCTAssert(present.output.hasSuffix("  queue   is there\n  works\n"), present.output)
    }

    func testSaysThatAnAdapterHasNoConnection() async throws {
        let result = try await MailroomProcess.run("check", "--broker", "memory:")
        XCTAssertEqual(result.output, "broker\n  nothing to try: it has no connection\n")
        XCTAssertEqual(result.status, 0)
    }

    func testEndsAtOnceWhenInterrupted() async throws {
        let server = try ScriptedServer([.mark("asked"), .stall])
        let process = try MailroomProcess(["check", "--transport", "smtp://127.0.0.1:\(server.port)"])
        let isAsked = await server.reached("asked")
        XCTAssert(isAsked)
        process.signal(SIGINT)
        let status = try await process.status(within: .seconds(10))
        XCTAssertEqual(status, -SIGINT)
    }

    func testHelpTellsWhereAPasswordIsNotSeen() async throws {
        let help = try await MailroomProcess.run("check", "--help")
        XCTAssert(help.output.contains("MAILROOM_TRANSPORT, where other users do not see a password"), help.output)
    }
}

extension TestTrust {
    /// A server's side up to the answer to the second EHLO. A handshake that the client ends, ends it.
    fileprivate func dialogue(offering capability: String = "8BITMIME") throws -> [ScriptedServerStep] {
        [
            .reply("220 scripted.example"), .expect("EHLO "), .reply("250-scripted.example\r\n250 STARTTLS"),
            .expect("STARTTLS"), .reply("220 go"), .startTLS(try serverContext()), .expect("EHLO "),
            .reply("250-scripted.example\r\n250 \(capability)"),
        ]
    }
}

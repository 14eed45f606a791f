import Foundation
import MailroomSockets
import TestSupport
import XCTest

/// `mailroom capture` in MailHog's place: its flags, environment variables and subcommands.
final class CaptureCommandTests: XCTestCase {
    /// A running server, and where it says that it listens.
    private func start(
        _ words: [String], environment: [String: String] = [:], until line: String = "web page on http"
    ) async throws -> (process: MailroomProcess, smtp: Int, web: Int, output: String) {
        let process = try MailroomProcess(["capture"] + words, environment: environment)
        try await process.wait {
            !process.isRunning || process.output.text.contains(line) && process.output.text.hasSuffix("\n")
        }
        let output = process.output.text
        XCTAssertTrue(process.isRunning, process.errors.text)
        func port(after word: String) throws -> Int {
            let rest = try XCTUnwrap(output.components(separatedBy: word).dropFirst().first)
            let digits = rest.drop { $0 != ":" }.dropFirst().prefix { $0.isNumber }
            return try XCTUnwrap(Int(digits))
        }
        return (process, try port(after: "SMTP on "), try port(after: "http://"), output)
    }

    private func curl(_ words: String...) throws -> (status: String, body: String) {
        let outcome = try Programs.run("curl", ["-s", "--max-time", "20", "-w", "\n%{http_code}"] + words)
        let lines = outcome.output.components(separatedBy: "\n")
        return (lines.last ?? "", lines.dropLast().joined(separator: "\n"))
    }

    func testMailHogsFlagsWithOneDashAndItsVariablesAreUnderstood() async throws {
        let folder = TestFolder()
        let (process, smtp, web, output) = try await start(
            [
                "-smtp-bind-addr", "127.0.0.1:0", "-ui-bind-addr=127.0.0.1:0", "-ui-web-path", "mail",
                "-hostname=mh.example",
            ],
            environment: [
                "MH_SMTP_BIND_ADDR": "127.0.0.1:1", "MH_CORS_ORIGIN": "http://app.example", "MH_STORAGE": "maildir",
                "MH_MAILDIR_PATH": folder.path + "/box", "MH_INVITE_JIM": "true",
            ])
        defer { process.signal(SIGTERM) }
        XCTAssertTrue(output.contains("/mail/\n"), output)
        XCTAssertNotEqual(smtp, 1, "the flag comes before the variable")
        let jim = try curl("http://127.0.0.1:\(web)/mail/api/v2/jim")
        XCTAssertEqual(jim.status, "200")
        XCTAssertTrue(jim.body.contains("\"AcceptChance\":0.99"), jim.body)
        XCTAssertEqual(try curl("-X", "DELETE", "http://127.0.0.1:\(web)/mail/api/v2/jim").status, "200")
        let sent = try Programs.run("swaks", ["--server", "127.0.0.1:\(smtp)", "--to", "b@y.example", "--silent", "2"])
        XCTAssertEqual(sent.status, 0, sent.output + sent.errors)
        XCTAssertEqual(folder.names("box/new").count, 1)
        let head = try Programs.run("curl", ["-si", "http://127.0.0.1:\(web)/mail/api/v2/messages"]).output
        XCTAssertTrue(head.contains("Access-Control-Allow-Origin: http://app.example"), head)
        XCTAssertTrue(head.contains("@mh.example"), head)
    }

    func testTheAPIMayHaveAListenerOfItsOwn() async throws {
        let (process, _, web, output) = try await start(
            ["--smtp-port", "0", "-ui-bind-addr", "127.0.0.1:0", "-api-bind-addr", "localhost:0"], until: "API on")
        defer { process.signal(SIGTERM) }
        let line = try XCTUnwrap(output.split(separator: "\n").first { $0.hasPrefix("API on http://localhost:") })
        let api = try XCTUnwrap(Int(line.split(separator: ":").last?.prefix { $0.isNumber } ?? ""))
        XCTAssertEqual(try curl("http://localhost:\(api)/api/v2/messages").status, "200")
        XCTAssertEqual(try curl("http://localhost:\(api)/").status, "404")
        XCTAssertEqual(try curl("http://127.0.0.1:\(web)/").status, "200")
        XCTAssertEqual(try curl("http://127.0.0.1:\(web)/api/v2/messages").status, "404")
    }

    func testWhatWasNamedInFullComesBeforeAHostForAll() async throws {
        let (process, _, _, output) = try await start([
            "--host", "0.0.0.0", "--smtp-bind-addr", "127.0.0.1:0", "--web-port", "0", "-invite-jim=false",
            "-api-host=x",
        ])
        defer { process.signal(SIGTERM) }
        XCTAssertTrue(output.contains("SMTP on 127.0.0.1:") && output.contains("http://0.0.0.0:"), output)
    }

    func testNoHostMeansEveryAddressAndAMaildirWithoutAPlaceGetsOne() async throws {
        let (process, smtp, web, output) = try await start(
            ["-smtp-bind-addr", ":0", "-ui-bind-addr", "127.0.0.1:0", "-storage", "maildir"], until: "mails in ")
        defer { process.signal(SIGTERM) }
        let folder = try XCTUnwrap(
            output.split(separator: "\n").first { $0.hasPrefix("mails in ") }?.dropFirst("mails in ".count))
        defer { try? FileManager.default.removeItem(atPath: String(folder)) }
        for host in ["127.0.0.1", "::1"] where host != "::1" || (try? TCPListener(host: "::1")) != nil {
            let stream = try TCPStream.connect(host: host, port: smtp, timeout: .seconds(10))
            var greeting: [UInt8] = []
            _ = try stream.read(appendingTo: &greeting, deadline: .now + .seconds(10))
            XCTAssertTrue(greeting.starts(with: "220 ".utf8), host)
        }
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: String(folder)).sorted(), ["cur", "new", "tmp"])
        XCTAssertEqual(try curl("http://127.0.0.1:\(web)/api/v2/messages").status, "200")
    }

    func testTheAPIsAddressAloneLeavesThePageWhereItIs() async throws {
        let (process, _, web, output) = try await start(
            ["--smtp-port", "0", "--web-port", "0"], environment: ["MH_API_BIND_ADDR": "localhost:0"], until: "API on")
        defer { process.signal(SIGTERM) }
        XCTAssertTrue(output.contains("web page on http://127.0.0.1:\(web)/"), output)
    }

    func testOnlyLoginsOfTheFileComeIn() async throws {
        let folder = TestFolder()
        let made = try await MailroomProcess.run("capture", "bcrypt", "s3cret")
        XCTAssertEqual(made.status, 0, made.errors)
        XCTAssertTrue(made.output.hasPrefix("$2"), made.output)
        let file = try folder.file("logins", "anna:\(made.output)")
        let (process, _, web, _) = try await start(["--smtp-port", "0", "--web-port", "0", "-auth-file", file])
        defer { process.signal(SIGTERM) }
        let page = "http://127.0.0.1:\(web)/"
        XCTAssertEqual(try curl(page).status, "401")
        XCTAssertEqual(try curl("-u", "anna:wrong", page).status, "401")
        XCTAssertEqual(try curl("-u", "anna:s3cret", page).status, "200")
        XCTAssertEqual(try curl("-u", "anna:s3cret", page + "api/v2/messages").status, "200")
    }

    func testTheCertificateThatItPrintsIsTheOneThatItShows() async throws {
        let folder = TestFolder()
        let (process, smtp, _, _) = try await start(
            ["--smtp-port", "0", "--web-port", "0", "--tls", "--require-tls", "--print-certificate"],
            until: "END CERTIFICATE")
        defer { process.signal(SIGTERM) }
        let output = process.output.text
        let begin = try XCTUnwrap(output.range(of: "-----BEGIN"))
        let file = try folder.file("ca.pem", String(output[begin.lowerBound...]))
        let to = ["--server", "localhost:\(smtp)", "--to", "b@y.example", "--silent", "2"]
        let encrypted = try Programs.run("swaks", to + ["--tls", "--tls-verify", "--tls-ca-path", file])
        XCTAssertEqual(encrypted.status, 0, encrypted.output + encrypted.errors)
        XCTAssertNotEqual(try Programs.run("swaks", to).status, 0)
    }

    func testSendmailHandsAMailToTheServer() async throws {
        let (process, smtp, web, _) = try await start(["--smtp-port", "0", "--web-port", "0"])
        defer { process.signal(SIGTERM) }
        let program = try Programs.built("mailroom", for: Self.self).path
        let mail =
            "To: Anna <anna@y.example>\nBcc: blind@y.example,\n other@y.example\nSubject: by pipe\n\nhello\n.\nend"
        let sent = try Programs.run(
            program, ["capture", "sendmail", "-ti", "-fme@x.example", "--smtp-addr", "127.0.0.1:\(smtp)"],
            input: mail.utf8)
        XCTAssertEqual(sent.status, 0, sent.errors)
        let found = try curl("http://127.0.0.1:\(web)/api/v1/messages").body
        let message = try XCTUnwrap(
            (try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [[String: Any]])?.first)
        let raw = try XCTUnwrap(message["Raw"] as? [String: Any])
        XCTAssertEqual(raw["From"] as? String, "me@x.example")
        XCTAssertEqual(raw["To"] as? [String], ["anna@y.example", "blind@y.example", "other@y.example"])
        XCTAssertEqual(
            raw["Data"] as? String, "To: Anna <anna@y.example>\r\nSubject: by pipe\r\n\r\nhello\r\n.\r\nend")
        let away = try Programs.run(
            program, ["capture", "sendmail", "--smtp-addr", "127.0.0.1:1", "--from", "a@x.example", "b@y.example"],
            input: "x".utf8)
        XCTAssertEqual(away.status, 75, away.errors)
        for (code, status) in [("451 4.7.1 Later", Int32(75)), ("550 5.1.1 Never", 69)] {
            let added = try curl("-X", "PUT", "--data", "rcpt reply='\(code)'", "http://127.0.0.1:\(web)/api/rules")
            XCTAssertEqual(added.status, "200", added.body)
            let refused = try Programs.run(
                program,
                ["capture", "sendmail", "--smtp-addr", "127.0.0.1:\(smtp)", "-f", "a@x.example", "b@y.example"],
                input: "x".utf8)
            XCTAssertEqual(refused.status, status, refused.errors)
        }
    }

    func testAMailIsReleasedToARealServerFromThePage() async throws {
        let real = try await start(["--smtp-port", "0", "--web-port", "0"])
        let (process, smtp, web, _) = try await start(["--smtp-port", "0", "--web-port", "0"])
        defer {
            process.signal(SIGTERM)
            real.process.signal(SIGTERM)
        }
        _ = try Programs.run(
            "swaks",
            ["--server", "127.0.0.1:\(smtp)", "--to", "b@y.example", "--header", "Subject: on", "--silent", "2"])
        let answers = try Browser.run([
            .go("http://127.0.0.1:\(web)/"), .key("j"), .wait("document.querySelector('h1').textContent === 'on'"),
            .key("r"), .wait("document.getElementById('release').open"),
            .value(
                "document.querySelector('[name=host]').value='127.0.0.1';"
                    + "document.querySelector('[name=port]').value='\(real.smtp)'"),
            .click("#release button"), .wait("document.querySelector('.done, .failed') !== null"),
            .value("document.querySelector('.done, .failed').textContent"),
        ])
        XCTAssertEqual(answers.last as? String, "Released to b@y.example by 127.0.0.1:\(real.smtp).")
        let found = try curl("http://127.0.0.1:\(real.web)/api/v2/messages").body
        XCTAssertTrue(found.contains("nobody@mailroom.example"), found)
        XCTAssertTrue(found.contains("\"Subject\":[\"on\"]"), found)
    }

    func testRulesOfFlagsAreObeyedAndRepeatWithTheirSeed() async throws {
        var outcomes: [[Int32]] = []
        for _ in 0..<2 {
            let (process, smtp, _, _) = try await start([
                "--smtp-port", "0", "--web-port", "0", "--seed", "11", "--rule",
                "rcpt to=*@full.example chance=0.5 reply='452 4.2.2 Mailbox full'",
            ])
            defer { process.signal(SIGTERM) }
            outcomes.append(
                try (0..<8).map { _ in
                    try Programs.run(
                        "swaks", ["--server", "127.0.0.1:\(smtp)", "--to", "b@full.example", "--silent", "3"]
                    ).status
                })
        }
        XCTAssertEqual(outcomes[0], outcomes[1])
        XCTAssertEqual(Set(outcomes[0]).count, 2, "\(outcomes[0])")
    }

    func testWhatCannotBeMeantIsSaid() async throws {
        let cases: [([String], String)] = [
            (["--smtp-bind-addr", "here"], "--smtp-bind-addr takes host:port"),
            (["--storage", "mongodb"], "--storage takes memory or maildir, not \"mongodb\""),
            (["--smtp-port", "0", "--smtp-bind-addr", "127.0.0.1:0"], "both name the port"),
            (["--rule", "rcpt"], "A rule needs something to do"),
            (["--rules-file", "/no/such/file"], "/no/such/file cannot be read"),
            (["--jim-accept", "2"], "--jim-accept takes a chance from 0 to 1"),
            (["--tls-key", "k"], "--tls-key needs --tls-certificate"),
            (["--require-tls"], "need --tls or --tls-certificate"),
            (["-invite-jimm"], "did you mean --invite-jim?"),
            (["sendmail"], "there is no recipient"),
            (["bcrypt", "a", "b"], "one password"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(["capture"] + words)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssertTrue(process.errors.text.contains(says), "\(words): \(process.errors.text)")
        }
        let (process, smtp, _, _) = try await start(["--smtp-port", "0", "--web-port", "0"])
        defer { process.signal(SIGTERM) }
        let second = try await MailroomProcess.run("capture", "--smtp-port", "\(smtp)", "--web-port", "0")
        XCTAssertEqual(second.status, 1)
        XCTAssertTrue(second.errors.contains("The SMTP server cannot be offered"), second.errors)
    }
}

import Foundation
import MailroomCapture
import MailroomMIME
import TestSupport
import XCTest

final class CommandTests: XCTestCase {
    func testTheDemoDeliversEveryLetterAndLeavesNothingBehind() async throws {
        let folder = TestFolder()
        let demo = try await MailroomProcess.run("demo", "--once", environment: ["TMPDIR": folder.path])
        XCTAssertEqual(demo.status, 0, demo.errors)
        XCTAssert(demo.output.contains("14 letters are being sent"), demo.output)
        XCTAssert(demo.output.contains("sarka.zizkova@example.org"), demo.output)
        XCTAssert(demo.output.contains("http://127.0.0.1:"), demo.output)
        XCTAssertEqual(folder.contents, [])
    }

    func testTheDemoStaysUntilItIsInterruptedAndTwoOfThemFindPorts() async throws {
        let folder = TestFolder()
        let demos = try (0..<2).map { _ in try MailroomProcess(["demo"], environment: ["TMPDIR": folder.path]) }
        for demo in demos {
            try await demo.wait { demo.output.text.contains("Ctrl-C ends the demo") }
            demo.signal(SIGINT)
            let status = try await demo.status()
            XCTAssertEqual(status, 0, demo.errors.text)
        }
        let pages = demos.map { demo in
            demo.output.text.split(separator: "\n").first { $0.contains("http://") }
        }
        XCTAssertNotEqual(pages[0], pages[1])
        XCTAssertEqual(folder.contents, [])
    }

    func testLettersGoOutAndBadRowsAreReportedWithTheirLines() async throws {
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let list = try folder.file(
            "list.csv",
            """
            email,first_name,last_name,club,season,hours,date
            a@example.org,Élodie,Bérenger,"Poney-Club, ""Les Érables""\nde Lyon",2025-2026,64,2026-06-12
            not an address,Jean,Noël,Club,2025-2026,1,2026-06-12
            ,Jean,Noël,Club,2025-2026,1,2026-06-12
            short@example.org,Jean

            inject@example.org,Jean,"Noël",Club,"2025\r\nBcc: x@example.org",1,2026-06-12
            b@example.org,Šárka,O’Connor-d'Aubigné,Œuvre,2025-2026,3,2026-07-01

            """)
        let broker = "file:\(folder.path)/queue"
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "Club <club@example.org>",
            "--broker", broker, "--tag", "user=7", "--tag-column", "club")
        XCTAssertEqual(letters.status, 1, "rows were left out")
        XCTAssert(letters.output.hasPrefix("2 letters are being sent"), letters.output)
        let lines = letters.errors.split(separator: "\n").map(String.init)
        XCTAssertEqual(lines.count, 4, letters.errors)
        for (line, expected) in zip(
            lines, [":4: recipients[0].address", ":5: email", ":6: the column", ":8: document"])
        {
            XCTAssert(line.hasPrefix(list + expected), line)
        }
        let work = try await MailroomProcess.run(
            "work", "--broker", broker, "--transport", "smtp://127.0.0.1:\(ports.smtp)", "--stop-when-empty")
        XCTAssertEqual(work.status, 0, work.errors)
        let mails = capture.messages
        XCTAssertEqual(mails.flatMap(\.recipients).sorted(), ["a@example.org", "b@example.org"])
        let mail = Entity(parsing: try XCTUnwrap(mails.first { $0.recipients == ["b@example.org"] }).bytes)
        XCTAssertEqual(mail.attachments.map(\.contentType.essence), ["application/pdf"])
        XCTAssert(mail.html?.contains("O’Connor-d") == true)

        let monitor = try await MailroomProcess.run("monitor", "--broker", broker, "--format", "json")
        XCTAssertEqual(
            monitor.output,
            "{\"queue\":\"default\",\"scheduled\":0,\"ready\":0,\"leased\":0,\"finished\":2,\"dead\":0,\"held\":0,"
                + "\"total\":2,\"failing\":0}\n")
        let sends = try await MailroomProcess.run(
            "sends", "--broker", broker, "--format", "json", "--tag", "club=Œuvre", environment: [:])
        let rows = sends.output.split(separator: "\n")
        XCTAssertEqual(rows.count, 1)
        let send = try XCTUnwrap(
            JSONSerialization.jsonObject(with: Data(rows[0].utf8)) as? [String: Any])
        XCTAssertEqual(
            Set(send.keys),
            [
                "id", "message_id", "recipient", "status", "attempts", "error", "created_at", "updated_at", "sent_at",
                "tags", "route",
            ])
        XCTAssertEqual(send["route"] as? String, "smtp://127.0.0.1:\(ports.smtp)")
        XCTAssertEqual(send["recipient"] as? String, "b@example.org")
        XCTAssertEqual(send["status"] as? String, "sent")
        XCTAssertEqual(send["attempts"] as? Int, 1)
        XCTAssert(send["error"] is NSNull)
        XCTAssertEqual(send["tags"] as? [String: String], ["club": "Œuvre", "user": "7"])
        let counts = try await MailroomProcess.run(
            "sends", "--broker", broker, "--format", "csv", "--count-by", "status")
        XCTAssertEqual(counts.output, "status,count\r\npending,0\r\nsent,2\r\nfailed,0\r\nunknown,0\r\n")
    }

    func testLettersCanWaitForTheirWorkers() async throws {
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let variables = [
            "MAILROOM_BROKER": "file:\(folder.path)/queue", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)",
        ]
        let worker = try MailroomProcess(["work", "--verbose"], environment: variables)
        let list = try folder.file("list.csv", People.csv(20))
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            "--wait",
            environment: variables)
        XCTAssertEqual(letters.status, 0, letters.errors)
        XCTAssert(letters.output.contains("20 of 20 letters settled"), letters.output)
        XCTAssertEqual(capture.messages.count, 20)
        worker.signal(SIGTERM)
        let status = try await worker.status()
        XCTAssertEqual(status, 0, worker.errors.text)
        XCTAssert(worker.output.text.contains("sent at attempt 1"), worker.output.text)
        XCTAssert(worker.output.text.contains("stopped after 20 attempts: 20 finished"), worker.output.text)
    }

    func testWhatIsNotUnderstoodIsRefusedWithTheNearestName() async throws {
        let cases: [(words: [String], says: String)] = [
            (["monitr"], "did you mean monitor?"),
            (["sends", "--lates", "3"], "did you mean --latest?"),
            (["sends", "--latest", "0"], "--latest takes a whole number from 1"),
            (["sends", "--format", "xml"], "--format takes one of table, json, csv"),
            (["sends", "--status", "lost"], "pending, sent, failed, unknown"),
            (["work", "--timeout"], "--timeout needs a value"),
            (["work", "--tries", "3", "--delays", "10"], "3 attempts do not fit 1 delays"),
            (["work", "--broker", "memory:"], "in the memory of one process"),
            (["work", "--broker", "memory://user:secret@h"], "memory://h is in the memory of one process"),
            (["work", "--broker", "redsi:x"], "there is no scheme \"redsi:\""),
            (["work", "--transport", "smtp://h:1?tsl=required"], "there is no option \"tsl\""),
            (["work", "--transport", "smtp://h:1?tls=1"], "tls is required or offered or off"),
            (["work", "--transport", "smtp://user:secret@h:1?tls=off"], "never cross the network in plain text"),
            (
                ["work", "--transport", "failover(smtp://h:1,throttled(smtp://h:2))"],
                "throttled URL, part 2 of failover: it needs a rate"
            ),
            (["check"], "there is nothing to check"),
            (["letters", "--template", "volunteer-letter-fr"], "--recipients is missing"),
            (["work", "--lease-duration", "0.9"], "--lease-duration takes seconds from 1"),
            (["work", "--lease-duration", "long"], "--lease-duration takes a number of seconds above 0"),
            (["monitor", "extra"], "\"extra\" is no option"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(words)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssert(process.errors.text.contains(says), "\(words): \(process.errors.text)")
            XCTAssertFalse(process.errors.text.contains("secret"))
        }
    }

    func testEveryCommandHasHelp() async throws {
        let help = try await MailroomProcess.run("--help")
        XCTAssertEqual(help.status, 0)
        for command in [
            "demo", "letters", "work", "monitor", "sends", "failed", "inspect", "retry", "cancel", "forget", "flush",
            "clear", "prune", "erase", "check", "capture", "render", "templates", "preview",
        ] {
            XCTAssert(help.output.contains(command))
            let own = try await MailroomProcess.run(command, "--help")
            XCTAssertEqual(own.status, 0)
            XCTAssert(own.output.hasPrefix("mailroom \(command): "), own.output)
        }
    }
}

extension CaptureServer.Configuration {
    static var onFreePorts: Self {
        var configuration = Self()
        configuration.smtpPort = 0
        configuration.webPort = 0
        return configuration
    }
}

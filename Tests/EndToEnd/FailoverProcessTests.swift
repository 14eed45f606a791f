import Foundation
import MailroomTesting
import TestSupport
import XCTest

/// The letters of the demo's list, from the file queue past a server that is down into a Maildir.
final class FailoverProcessTests: XCTestCase {
    private struct Mail: Decodable {
        let id: String
        let to: String
        let attachments: [String]
        let magic: [String]
    }

    func testLettersGoOnceIntoAMaildirWhenTheServerIsDown() async throws {
        let python = try Programs.python(with: "mailbox")
        let folder = TestFolder()
        let broker = "file:\(folder.path)/queue"
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", try teachers(), "--template", "volunteer-letter-fr", "--from",
            "Comité <club@example.org>", "--broker", broker)
        XCTAssertEqual(letters.status, 0, letters.errors)
        XCTAssert(letters.output.hasPrefix("14 letters are being sent"), letters.output)
        let work = try await MailroomProcess.run(
            "work", "--stop-when-empty", "--workers", "4", "--broker", broker, "--transport",
            "failover(smtp://127.0.0.1:1,spool:\(folder.path)/out?format=maildir)")
        XCTAssertEqual(work.status, 0, work.errors)
        XCTAssert(work.output.hasSuffix("stopped after 14 attempts: 14 finished\n"), work.output)

        let outcome = try Programs.run(python, ["-c", Self.reader, folder.path + "/out"])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        let mails = try JSONDecoder().decode([Mail].self, from: Data(outcome.output.utf8))
        XCTAssertEqual(mails.count, 14)
        XCTAssertEqual(Set(mails.map(\.id)).count, 14)
        XCTAssertEqual(Set(mails.map(\.to)), try recipients())
        for mail in mails {
            XCTAssertEqual(mail.attachments, ["application/pdf"])
            XCTAssertEqual(mail.magic, ["%PDF-"])
        }
        let sends = try await MailroomProcess.run("sends", "--latest", "20", "--format", "csv", "--broker", broker)
        let rows = sends.output.split(separator: "\r\n").dropFirst()
        XCTAssertEqual(rows.count, 14)
        for row in rows {
            XCTAssert(row.contains(",sent,1,,") && row.hasSuffix(",spool:\(folder.path)/out"), String(row))
        }
    }

    func testAWorkerSaysWhyJobsWaitAndHowManyAreLeft() async throws {
        let folder = TestFolder()
        let broker = "file:\(folder.path)/queue"
        try await submit(People.csv(3), in: folder, to: broker)
        let work = try await MailroomProcess.run(
            "work", "--stop-when-empty", "--broker", broker, "--transport",
            "dkim(spool:\(folder.path)/out)?domain=example.org&selector=s1&key=\(folder.path)/key.pem")
        XCTAssertEqual(work.status, 0, work.errors)
        let lines = work.output.split(separator: "\n")
        let waits = lines.filter { $0.contains(" s: The mail cannot be signed. \(folder.path)/key.pem cannot be read") }
        XCTAssertEqual(waits.count, 1, "the same cause is said once: \(work.output)")
        XCTAssert(work.output.hasSuffix("nothing settled; 3 jobs are due later\n"), work.output)
    }

    func testAWorkerSaysThatItIsStopping() async throws {
        let folder = TestFolder()
        let broker = "file:\(folder.path)/queue"
        try await submit(People.csv(1), in: folder, to: broker)
        let worker = try MailroomProcess(["work", "--broker", broker, "--transport", "spool:\(folder.path)/out"])
        try await worker.wait { worker.output.text.contains("sent at attempt 1") }
        worker.signal(SIGINT)
        let status = try await worker.status()
        XCTAssertEqual(status, 0, worker.errors.text)
        XCTAssert(worker.output.text.contains("\nstopping when the deliveries in hand have ended"), worker.output.text)
    }

    private func submit(_ list: String, in folder: TestFolder, to broker: String) async throws {
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", try folder.file("list.csv", list), "--template", "volunteer-letter-fr",
            "--from", "club@example.org", "--broker", broker)
        XCTAssertEqual(letters.status, 0, letters.errors)
    }

    private func teachers() throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Templates/teachers.csv")
        return file.standardized.path(percentEncoded: false)
    }

    private func recipients() throws -> Set<String> {
        let text = try String(contentsOfFile: try teachers(), encoding: .utf8)
        let words = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
        return Set(words.filter { $0.contains("@") })
    }

    /// Prints what Python's mailbox module finds in a Maildir.
    private static let reader = """
        import base64, email, email.policy, email.utils, json, mailbox, sys
        box = mailbox.Maildir(sys.argv[1], create=False,
            factory=lambda file: email.message_from_binary_file(file, policy=email.policy.default))
        mails = []
        for mail in box:
            files = list(mail.iter_attachments())
            mails.append({'id': mail['Message-ID'], 'to': email.utils.parseaddr(mail['To'])[1],
                'attachments': [file.get_content_type() for file in files],
                'magic': [file.get_content()[:5].decode() for file in files]})
        print(json.dumps(mails))
        """
}

import Foundation
import Mailroom
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSendmail

/// Deliveries through msmtp and Postfix, where they are installed.
final class SendmailProgramsTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    private func msmtp(_ server: ScriptedServer) throws -> SendmailTransport {
        .sendmail(try Programs.path(of: "msmtp")) {
            $0.arguments = ["--host=127.0.0.1", "--port=\(server.port)", "--auth=off", "--tls=off"]
        }
    }

    private static let ending: [ScriptedServerStep] = [.expect("QUIT"), .reply("221 bye")]

    func testMsmtpDeliversTheSameBytes() async throws {
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening([]) + ScriptedServerStep.smtpMail() + Self.ending)
        let mail = try outletMail(to: ["-b@example.org"])
        let outcome = await (try msmtp(server)).outcomeInWords(of: mail)
        XCTAssertEqual(outcome, "- accepted")
        let hasEnded = await server.reached("end")
        XCTAssertTrue(hasEnded)
        XCTAssertEqual(server.problems, [])
        let stuffed = String(decoding: mail.bytes, as: UTF8.self).replacing("\r\n.", with: "\r\n..")
        let text = server.text(on: 0)
        XCTAssertTrue(
            text.contains("MAIL FROM:<a@example.org>\r\nRCPT TO:<-b@example.org>\r\nDATA\r\n\(stuffed).\r\n"), text)
    }

    func testMsmtpTakesTheNullReversePath() async throws {
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening([]) + ScriptedServerStep.smtpMail() + Self.ending)
        let outcome = await (try msmtp(server)).outcomeInWords(of: try outletMail(from: nil))
        XCTAssertEqual(outcome, "b accepted")
        XCTAssertTrue(server.text(on: 0).contains("MAIL FROM:<>\r\n"))
    }

    func testMsmtpSaysWhichRefusalsAreForGood() async throws {
        func outcome(_ reply: String) async throws -> String {
            let server = try ScriptedServer(
                ScriptedServerStep.smtpOpening([]) + [
                    .expect("MAIL FROM:"), .reply("250 ok"), .expect("RCPT TO:"), .reply(reply),
                ])
            return await (try msmtp(server)).outcomeInWords(of: try outletMail())
        }
        let forGood = try await outcome("550 5.1.1 no such user")
        XCTAssertEqual(forGood, "b refused")
        let forNow = try await outcome("450 4.2.1 later")
        XCTAssertEqual(forNow, "throws refused")
    }

    func testMsmtpWithoutAServerIsAnErrorForNowInItsOwnWords() async throws {
        let server = try ScriptedServer([.hangUp])
        server.stop()
        let error = await (try msmtp(server)).error(of: try outletMail())
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.reply?.text.contains("msmtp: ") == true, "\(String(describing: error))")
    }

    /// Postfix's sendmail with a queue of its own; nothing of Postfix runs, so that the mail stays in it.
    private func postfix() throws -> (transport: SendmailTransport, configuration: String) {
        let program = try Programs.run("postconf", ["-d", "-h", "sendmail_path"])
            .output.trimmingCharacters(in: .whitespacesAndNewlines)
        guard geteuid() == 0 else {
            throw lacking("Postfix lets only root queue mail with a configuration of its own")
        }
        let (configuration, queue) = (folder.path + "/conf", folder.path + "/queue")
        for path in ["/conf", "/data", "/queue/maildrop", "/queue/public", "/queue/pid"] {
            try FileManager.default.createDirectory(atPath: folder.path + path, withIntermediateDirectories: true)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: queue + "/maildrop")
        try """
        compatibility_level = 3.6
        queue_directory = \(queue)
        data_directory = \(folder.path)/data
        inet_interfaces = loopback-only
        myhostname = test.example

        """.write(toFile: configuration + "/main.cf", atomically: false, encoding: .utf8)
        let transport: SendmailTransport = .sendmail(program) { $0.arguments = ["-C", configuration] }
        return (transport, configuration)
    }

    func testPostfixQueuesTheEnvelopeAndTheMessage() async throws {
        let (transport, configuration) = try postfix()
        let mail = try outletMail(to: ["-b@example.org", "ü@bücher.example"], from: nil)
        let outcome = await transport.outcomeInWords(of: mail)
        XCTAssertEqual(outcome, "- accepted, ü accepted")
        let files = folder.names("queue/maildrop")
        XCTAssertEqual(files.count, 2)
        let queued = try files.map {
            try Programs.run("postcat", ["-c", configuration, "\(folder.path)/queue/maildrop/\($0)"]).output
        }
        let text = String(decoding: mail.bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        XCTAssertTrue(queued.allSatisfy { $0.contains("\nsender: \n") && $0.contains(text) }, queued[0])
        XCTAssertTrue(queued.contains { $0.contains("\nrecipient: -b@example.org\n") })
        XCTAssertTrue(queued.contains { $0.contains("\nrecipient: ü@xn--bcher-kva.example\n") })
    }

    func testPostfixThatCannotQueueIsAnErrorForNow() async throws {
        let (transport, configuration) = try postfix()
        try "message_size_limit = nonsense\n".write(
            toFile: configuration + "/main.cf", atomically: false, encoding: .utf8)
        let error = await transport.error(of: try outletMail())
        XCTAssertEqual(error?.isTransient, true)
        XCTAssertTrue(error?.description.contains("fatal") == true, "\(String(describing: error))")
    }
}

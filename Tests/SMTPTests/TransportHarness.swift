import Foundation
import Mailroom
import MailroomMIME
import MailroomScriptedServer
import XCTest

@testable import MailroomSMTP

/// A mail whose subject tells it from others.
func makeMail(
    _ subject: String = "Hello", to recipients: [String] = ["b@example.org"], attachment: Int = 0,
    within time: Duration = .seconds(30)
) throws -> Mail {
    let message = InternetMessage(
        from: [try Mailbox("a@example.org")], to: [try Mailbox("b@example.org")], subject: subject,
        date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "\(subject)@example.org",
        text: "A text.\n.\n.A line that starts with a dot.\n",
        attachments: attachment == 0
            ? []
            : [
                MIMEPart(
                    fileName: "a.bin", mediaType: .octetStream, bytes: [UInt8](repeating: 65, count: attachment))
            ])
    return Mail(
        id: JobID(at: Date(), random: SystemRandomSource()),
        envelope: Envelope(
            reversePath: try EmailAddress("a@example.org"), recipients: recipients.map { Recipient.to($0) }),
        message: message, deadline: .now + time)
}

extension ScriptedServer {
    /// A transport to this server, through one connection unless said otherwise.
    func transport(_ adjust: (inout SMTPConfiguration) -> Void = { _ in }) -> SMTPTransport {
        .smtp("127.0.0.1", port: port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 1
            adjust(&$0)
        }
    }
}

extension SMTPTransport {
    /// Returns once so many deliveries wait in line.
    func reachesWaiting(_ count: Int) async {
        while pool.waiting != count { await Task.yield() }
    }

    /// What a delivery came to, in words: the outcomes by recipient, or the error. Neither may tell a secret that is named.
    func outcome(of mail: Mail, hiding secret: String? = nil) async -> String {
        do {
            let report = try await deliver(mail)
            if let secret { XCTAssertFalse("\(report)".contains(secret), "\(report)") }
            return report.outcomes.map { "\($0.recipient.prefix(1)) \($0.status)" }.joined(separator: ", ")
        } catch {
            if let secret { XCTAssertFalse(error.description.contains(secret), error.description) }
            return "throws \(error.code.rawValue)\(error.isTransient ? "" : " for good")"
        }
    }
}

/// The points of a dialogue at which something can go wrong.
enum DialoguePoint: String, CaseIterable {
    case greeting, ehlo, mail, recipient, data, body, finalDot

    /// What a server does until this point, for a mail to `b` and `c`: its answer here is due next.
    func script(pipelining: Bool = true) -> [ScriptedServerStep] {
        var steps: [ScriptedServerStep] = []
        let stages: [(DialoguePoint, [ScriptedServerStep])] = [
            (.greeting, []),
            (.ehlo, [.reply("220 hi"), .expect("EHLO client.example")]),
            (
                .mail,
                [.reply(pipelining ? "250-hi\r\n250 PIPELINING" : "250 hi"), .expect("MAIL FROM:<a@example.org>")]
            ),
            (
                .recipient,
                [
                    .reply("250 ok"), .expect("RCPT TO:<b@example.org>"), .reply("250 ok"),
                    .expect("RCPT TO:<c@example.org>"),
                ]
            ),
            (.data, [.reply("250 ok"), .expect("DATA")]),
            (.body, [.reply("354 go"), .readThrough("A text.")]),
            (.finalDot, [.readThrough("\r\n.\r\n")]),
        ]
        for (point, stage) in stages {
            steps += stage
            if point == self { break }
        }
        return steps
    }
}

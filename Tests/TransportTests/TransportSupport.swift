import Foundation
import Mailroom
import MailroomMIME
import TestSupport
import XCTest

/// A mail for transports that do not speak SMTP.
func outletMail(
    to recipients: [String] = ["b@example.org"], from sender: String? = "a@example.org", attachment: Int = 0,
    text: String = "A text.\n.\n.A line that starts with a dot.\n", id: JobID? = nil, attempt: Int = 1,
    within time: Duration = .seconds(30)
) throws -> Mail {
    let message = InternetMessage(
        from: [try Mailbox("a@example.org")], to: [try Mailbox("b@example.org")], subject: "Hello",
        date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "hello@example.org", text: text,
        attachments: attachment == 0
            ? []
            : [
                MIMEPart(fileName: "a.bin", mediaType: .octetStream, bytes: [UInt8](repeating: 65, count: attachment))
            ])
    return Mail(
        id: id ?? JobID(at: Date(), random: SystemRandomSource()),
        envelope: Envelope(
            reversePath: try sender.map { try EmailAddress($0) }, recipients: recipients.map { Recipient.to($0) }),
        message: message, attempt: attempt, deadline: .now + time)
}

extension Transport {
    /// What a delivery came to, in words: the outcomes by recipient, or the error.
    func outcomeInWords(of mail: Mail) async -> String {
        do throws(TransportError) {
            let report = try await deliver(mail)
            return report.outcomes.map { "\($0.recipient.prefix(1)) \($0.status)" }.joined(separator: ", ")
        } catch {
            return "throws \(error.code.rawValue)\(error.isTransient ? "" : " for good")"
        }
    }

    /// The error of a delivery that has to throw.
    func error(of mail: Mail) async -> TransportError? {
        do throws(TransportError) {
            let report = try await deliver(mail)
            XCTFail("no error, but \(report)")
            return nil
        } catch {
            return error
        }
    }
}

extension TestFolder {
    /// The process number that a script wrote.
    func process(_ name: String = "pid") -> pid_t {
        text(name).flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }
}

/// Whether a process exists, as a zombie or otherwise.
func exists(_ process: pid_t) -> Bool { process > 0 && kill(process, 0) == 0 }

import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import XCTest

extension Mail {
    /// A mail of the club's with a subject and a text.
    static func club(
        to addresses: String..., subject: String = "Invitation", text: String? = "Bonjour\n", html: String? = nil,
        attachments: [MIMEPart] = [], attempt: Int = 1, within limit: Duration = .seconds(60)
    ) -> Mail {
        Mail(
            id: JobID("01hf3n8zf4zzzzzzzzzzzzzzzz")!,
            envelope: Envelope(
                reversePath: try? EmailAddress("bounces@example.org"), recipients: addresses.map { .to($0) }),
            message: InternetMessage(
                from: [try! Mailbox("Club Cycliste <club@example.org>")],
                to: addresses.compactMap { try? Mailbox($0) }, subject: subject,
                date: MessageDate(secondsSince1970: 0), messageID: "1@example.org", text: text, html: html,
                attachments: attachments),
            attempt: attempt, deadline: .now + limit)
    }
}

extension CaptureTransport {
    /// Delivers mails one after the other, whatever comes of it.
    func take(_ mails: Mail...) async { for mail in mails { _ = await outcome(of: mail) } }
}

/// The text of the failure that something throws.
func failureText(
    file: StaticString = #filePath, line: UInt = #line, _ body: () async throws -> Void
) async -> String {
    do {
        try await body()
        XCTFail("nothing was thrown", file: file, line: line)
        return ""
    } catch {
        XCTAssertTrue(error is CaptureFailure, "\(error)", file: file, line: line)
        return "\(error)"
    }
}

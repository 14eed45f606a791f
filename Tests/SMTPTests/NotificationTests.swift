import Mailroom
import MailroomScriptedServer
import XCTest

@testable import MailroomSMTP

final class NotificationTests: XCTestCase {
    func testTheServerIsToldTheJobWhereNoticesAreAskedFor() async throws {
        let mail = try makeMail()
        let server = try ScriptedServer(ScriptedServerStep.smtpOpening(["DSN"]) + ScriptedServerStep.smtpMail())
        let transport = server.transport { $0.notifications = SMTPNotifications(on: [.failure]) }
        let outcome = await transport.outcome(of: mail)
        XCTAssertEqual(outcome, "b accepted")
        let text = server.text(on: 0)
        XCTAssertTrue(text.contains("MAIL FROM:<a@example.org> ENVID=\(mail.id)\r\n"), text)
        await transport.shutdown()
    }
}

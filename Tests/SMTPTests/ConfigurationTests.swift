import Mailroom
import XCTest

@testable import MailroomSMTP

final class ConfigurationTests: XCTestCase {
    private func subjects(_ adjust: (inout SMTPConfiguration) -> Void) -> [String] {
        let transport: SMTPTransport = .smtp("mail.example.org", adjust)
        return transport.configurationProblems(in: PipelineContext(limits: PipelineLimits())).map(\.subject)
    }

    func testTheDefaultsAreSound() {
        XCTAssertEqual(subjects { _ in }, [])
        XCTAssertEqual(SMTPConfiguration(host: "::1", port: 1025).route, "smtp://[::1]:1025")
    }

    func testReadsLikeACaseOfTransport() {
        func accepts(_ transport: some Transport) -> Bool { transport is SMTPTransport }
        XCTAssertTrue(accepts(.smtp("127.0.0.1", port: 1025)))
    }

    func testNamesEverythingThatIsWrongAtOnce() {
        let found = subjects {
            $0.host = ""
            $0.port = 0
            $0.clientName = "a\r\nMAIL"
            $0.maximumConnections = 0
            $0.messagesPerConnection = 0
            $0.idleTimeout = .zero
            $0.timeouts = SMTPTimeouts(connect: .zero, finalDot: .seconds(-1))
        }
        XCTAssertEqual(
            found,
            [
                "smtp host", "smtp port", "smtp client name", "smtp connections", "smtp mails a connection",
                "smtp idle timeout", "smtp connect timeout", "smtp final dot timeout",
            ])
    }

    func testWaitsThatLeaveNoTimeForAMailAreRefused() {
        XCTAssertEqual(
            subjects {
                $0.timeouts = SMTPTimeouts(connect: .seconds(20), greeting: .seconds(20), command: .seconds(20))
            },
            ["smtp timeouts"])
        XCTAssertEqual(
            subjects {
                $0.timeouts = SMTPTimeouts(connect: .seconds(20), greeting: .seconds(20), command: .seconds(19))
            },
            [])
        XCTAssertEqual(subjects { $0.timeouts.finalDot = .seconds(600) }, [], "it is clamped to the mail's deadline")
    }

    func testControlCharactersInNamesAreRefused() {
        for text in ["a\rb", "a\nb", "a\0b", "a b", "a\u{7F}b", "a\u{10A}b", "a\u{760D}b", "a\u{2028}b"] {
            XCTAssertEqual(subjects { $0.host = text }, ["smtp host"], text.debugDescription)
            XCTAssertEqual(subjects { $0.clientName = text }, ["smtp client name"], text.debugDescription)
        }
    }
}

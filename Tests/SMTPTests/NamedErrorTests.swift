import Mailroom
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSMTP

/// What fails before the dialogue is about mail says whose connection it was.
final class NamedErrorTests: XCTestCase {
    private func error(of transport: SMTPTransport) async throws -> TransportError {
        let mail = try makeMail()
        do throws(TransportError) {
            _ = try await transport.deliver(mail)
        } catch {
            await transport.shutdown()
            return error
        }
        XCTFail("it was accepted")
        return TransportError(.refused, "")
    }

    func testAProviderOfTokensThatFailsOrIsSilentIsNamedWithItsServer() async throws {
        struct Refused: Error {}
        let providers: [(SMTPCredentials.TokenProvider, TransportError.Code)] = [
            ({ throw Refused() }, .authenticationFailed),
            (
                {
                    try await silence()
                    return ""
                }, .timedOut
            ),
        ]
        for (provider, code) in providers {
            let server = try ScriptedServer(ScriptedServerStep.smtpOpening(["AUTH XOAUTH2"]) + [.stall])
            let transport = server.transport {
                $0.security = .unencrypted
                $0.timeouts.command = .milliseconds(200)
                $0.credentials = .token(of: "me", from: provider)
            }
            let error = try await error(of: transport)
            XCTAssertEqual(error.code, code)
            XCTAssertTrue(
                error.reason.hasPrefix("smtp://127.0.0.1:\(server.port): The provider of tokens"), error.reason)
        }
    }

    func testATrustFileThatCannotBeReadIsNamedWithItsServer() async throws {
        let server = try ScriptedServer([.stall])
        let transport = server.transport {
            $0.security = .implicit
            $0.security.trustFile = "/nowhere/ca.pem"
        }
        let error = try await error(of: transport)
        XCTAssertEqual(error.code, .connectionFailed)
        XCTAssertTrue(
            error.reason.hasPrefix("smtps://127.0.0.1:\(server.port): Could not open the trust file /nowhere/ca.pem"),
            error.reason)
    }
}

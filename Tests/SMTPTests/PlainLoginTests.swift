import Mailroom
import XCTest

@testable import MailroomSMTP

final class PlainLoginTests: XCTestCase {
    private func isAllowed(at host: String) -> Bool {
        let transport: SMTPTransport = .smtp(host, security: .unencrypted) {
            $0.credentials = .password("secret", of: "me")
        }
        return transport.configurationProblems(in: PipelineContext(limits: PipelineLimits())).isEmpty
    }

    func testCredentialsNeedNoEncryptionToThisMachineHoweverItIsWritten() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::FFFF:127.0.0.1"] {
            XCTAssertTrue(isAllowed(at: host), host)
        }
    }

    func testAHostThatOnlyLooksLikeThisMachineNeedsEncryption() {
        for host in ["mail.example.org", "127.example.org", "127.0.0.1.example.org", "192.0.2.1", "::2"] {
            XCTAssertFalse(isAllowed(at: host), host)
        }
    }
}

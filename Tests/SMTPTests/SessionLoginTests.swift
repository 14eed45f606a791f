import Foundation
import Mailroom
import XCTest

@testable import MailroomSMTP

/// AUTH, without a socket. The harness' password is always “pässword”.
final class SessionLoginTests: XCTestCase {
    private func harness(
        by mechanism: SMTPCredentials.Mechanism? = nil, security: SMTPSecurity = .implicit, isLocal: Bool = false,
        offering offered: String
    ) -> SessionHarness {
        var harness = SessionHarness(isLocal: isLocal) {
            $0.security = security
            $0.credentials = .password("pässword", of: "mé", by: mechanism)
            $0.transcript = { _ in }
        }
        harness.open(["PIPELINING", offered])
        return harness
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    func testPlainSendsEverythingAtOnce() {
        var harness = harness(offering: "AUTH LOGIN PLAIN CRAM-MD5")
        XCTAssertEqual(
            harness.takeSent(), "EHLO client.example\r\nAUTH PLAIN \(base64("\0mé\0pässword"))\r\n")
        harness.receive("235 2.7.0 welcome\r\n")
        XCTAssertEqual(harness.takeLog(), ["authenticate", "ready"])
    }

    func testAPlainResponseTooLongForACommandWaitsForItsChallenge() {
        var harness = SessionHarness {
            $0.security = .implicit
            $0.credentials = .password("x", of: String(repeating: "u", count: 400))
        }
        harness.open(["AUTH PLAIN"])
        XCTAssert(harness.takeSent().hasSuffix("\r\nAUTH PLAIN\r\n"))
        harness.receive("334 \r\n")
        XCTAssertEqual(
            harness.takeSent(), base64("\0" + String(repeating: "u", count: 400) + "\0pässword") + "\r\n")
    }

    func testLoginAnswersWhateverItIsAsked() {
        var harness = harness(offering: "AUTH=LOGIN")
        XCTAssert(harness.takeSent().hasSuffix("\r\nAUTH LOGIN\r\n"))
        harness.receive("334 VXNlcm5hbWU6\r\n")
        XCTAssertEqual(harness.takeSent(), base64("mé") + "\r\n")
        harness.receive("334 Password please\r\n")
        XCTAssertEqual(harness.takeSent(), base64("pässword") + "\r\n")
        harness.receive("235 welcome\r\n")
        XCTAssertEqual(harness.takeLog(), ["authenticate", "ready"])
    }

    func testCramMD5SendsADigestOnly() {
        var harness = harness(security: .unencrypted, isLocal: true, offering: "AUTH PLAIN CRAM-MD5")
        XCTAssert(harness.takeSent().hasSuffix("\r\nAUTH CRAM-MD5\r\n"), "the password is not sent in the clear")
        harness.receive("334 \(base64("<1896.697170952@postoffice.reston.mci.net>"))\r\n")
        let sent = harness.takeSent().replacing("\r\n", with: "")
        let words = String(decoding: Data(base64Encoded: sent) ?? Data(), as: UTF8.self)
        XCTAssert(words.hasPrefix("mé "), words)
        XCTAssertNotNil(words.range(of: "^mé [0-9a-f]{32}$", options: .regularExpression), words)
        XCTAssertFalse(words.contains("pässword"))
    }

    /// The example of RFC 2195 §2.
    func testCramMD5IsComputedAsTheStandardShows() throws {
        var exchange = SMTPAuthentication(.cramMD5, user: "tim", secret: "tanstaaftanstaaf")
        XCTAssertEqual(
            try exchange.response(to: base64("<1896.697170952@postoffice.reston.mci.net>")),
            base64("tim b913a602c7eda7a495b4e6e7334d3890"))
    }

    func testAChallengeThatIsNoBase64IsRefused() {
        for challenge in ["334 \r\n", "334 ???\r\n"] {
            var harness = harness(by: .cramMD5, offering: "AUTH CRAM-MD5")
            harness.receive(challenge)
            XCTAssertEqual(harness.takeLog(), ["authenticate", "failed authenticationFailed"])
        }
    }

    func testATokenIsSentByXOAUTH2AndItsRefusalIsAskedFor() {
        var harness = harness(by: .xoauth2, offering: "AUTH PLAIN XOAUTH2")
        XCTAssert(harness.takeSent().hasSuffix("XOAUTH2 \(base64("user=mé\u{1}auth=Bearer pässword\u{1}\u{1}"))\r\n"))
        harness.receive("334 \(base64(#"{"status":"401"}"#))\r\n")
        XCTAssertEqual(harness.takeSent(), "\r\n")
        harness.receive("535 5.7.8 not accepted\r\n")
        XCTAssertEqual(harness.takeLog(), ["authenticate", "failed authenticationFailed 535 5.7.8 not accepted"])
    }

    func testARefusedLoginIsTransientAndAMechanismOutOfServiceGivesWayToTheNext() {
        var refused = harness(offering: "AUTH PLAIN LOGIN")
        refused.receive("535 5.7.8 wrong\r\n")
        XCTAssertEqual(refused.takeLog(), ["authenticate", "failed authenticationFailed 535 5.7.8 wrong"])
        var next = harness(offering: "AUTH PLAIN LOGIN")
        _ = next.takeSent()
        next.receive("504 5.5.4 not that one\r\n")
        XCTAssertEqual(next.takeSent(), "AUTH LOGIN\r\n")
        next.receive("504 5.5.4 nor that one\r\n")
        XCTAssertEqual(next.takeLog().last, "failed authenticationFailed 504 5.5.4 nor that one")
        var asked = harness(by: .plain, offering: "AUTH PLAIN LOGIN")
        asked.receive("504 5.5.4 not that one\r\n")
        XCTAssertEqual(asked.takeLog().last, "failed authenticationFailed 504 5.5.4 not that one")
    }

    func testCredentialsAreNoReasonToGuessWhatTheServerTakes() {
        for offered in ["SIZE", "AUTH", "AUTH GSSAPI DIGEST-MD5", "AUTH PLAIN2 XPLAIN"] {
            var harness = harness(offering: offered)
            XCTAssertEqual(harness.takeLog(), ["failed authenticationFailed"], offered)
            XCTAssertFalse(harness.takeSent().contains("AUTH"))
        }
    }

    func testAServerThatEndsTheSessionDuringTheLoginIsRefusingIt() {
        var harness = harness(offering: "AUTH LOGIN")
        harness.receive("334 VXNlcm5hbWU6\r\n")
        harness.receive("421 4.7.0 too many\r\n")
        XCTAssertEqual(harness.takeLog(), ["authenticate", "failed refused 421 4.7.0 too many"])
    }

    func testNeitherTranscriptNorErrorHoldsASecretWhateverTheServerRepeats() {
        let secrets = ["pässword", base64("pässword"), base64("\0mé\0pässword")]
        for (mechanism, challenges) in [
            (SMTPCredentials.Mechanism.plain, []), (.login, ["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"]),
            (.cramMD5, ["334 \(base64("<1@x>"))\r\n"]), (.xoauth2, ["334 e30=\r\n"]),
        ] {
            var harness = harness(by: mechanism, offering: "AUTH \(mechanism.rawValue)")
            for challenge in challenges { harness.receive(challenge) }
            let xoauth2 = base64("user=mé\u{1}auth=Bearer pässword\u{1}\u{1}")
            harness.receive("535 5.7.8 no \((secrets + [xoauth2]).joined(separator: " or "))\r\n")
            let words = harness.session.said.map { "\($0.speaker): \($0.text)" }.joined(separator: "\n")
            for secret in secrets + [xoauth2] {
                XCTAssertFalse(words.contains(secret), words)
                XCTAssertFalse(harness.events.joined().contains(secret), "\(harness.events)")
            }
            XCTAssert(words.contains("client: AUTH \(mechanism.rawValue)"), words)
            XCTAssert(words.contains("server: 535 5.7.8 no *** or"), words)
        }
    }

    func testCredentialsShowTheUserAlone() {
        let credentials = SMTPCredentials.password("hunter2", of: "me")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", credentials.debugDescription, dumped, "\(Optional(credentials) as Any)"] {
            XCTAssertFalse(text.contains("hunter2"), text)
            XCTAssert(text.contains("me"), text)
        }
    }
}

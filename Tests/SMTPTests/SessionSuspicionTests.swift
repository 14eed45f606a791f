import Foundation
import Mailroom
import XCTest

@testable import MailroomSMTP

/// Servers that lie, repeat or never stop, without a socket. The harness' password is always “pässword”.
final class SessionSuspicionTests: XCTestCase {
    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func login(by mechanism: SMTPCredentials.Mechanism) -> SessionHarness {
        var harness = SessionHarness {
            $0.security = .implicit
            $0.credentials = .password("pässword", of: "me", by: mechanism)
            $0.transcript = { _ in }
        }
        harness.open(["PIPELINING", "AUTH \(mechanism.rawValue)"])
        return harness
    }

    private func ready(_ adjust: (inout SMTPConfiguration) -> Void = { _ in }) -> SessionHarness {
        var harness = SessionHarness(adjust)
        harness.open(["PIPELINING", "CHUNKING"])
        harness.begin(to: ["b@example.org", "c@example.org"])
        _ = harness.takeSent()
        _ = harness.takeLog()
        return harness
    }

    // MARK: AUTH

    func testChallengesWithoutEndEndTheLogin() {
        for mechanism in SMTPCredentials.Mechanism.allCases {
            var harness = login(by: mechanism)
            for _ in 0..<10 { harness.receive("334 \(base64("<1@x>"))\r\n") }
            XCTAssertEqual(harness.takeLog(), ["authenticate", "failed authenticationFailed"], mechanism.rawValue)
            let answers = harness.takeSent().split(separator: "\r\n", omittingEmptySubsequences: false).count
            XCTAssertLessThanOrEqual(answers, 5, mechanism.rawValue)
        }
    }

    func testNoReplyWhateverItAnswersIsRepeatedWithASecretInIt() {
        let secrets = ["pässword", base64("pässword"), base64("\0me\0pässword")]
        let repeated = secrets.joined(separator: " or ")
        let dialogues: [[String]] = [
            ["421 4.7.0 enough of \(repeated)\r\n"], ["AUTH PLAIN \(repeated)\r\n"], ["354 \(repeated)\r\n"],
            ["AUTH PLAIN and sixty characters of noise before it \(base64("\0me\0pässword"))\r\n"],
            ["235 hi\r\n", "550 5.7.1 \(repeated)\r\n503 \(repeated)\r\n503 \(repeated)\r\n"],
            ["235 hi\r\n", "250-\(repeated)\r\n421 \(repeated)\r\n"],
            ["235 hi\r\n", "250 ok\r\n250 ok\r\n354 go\r\n", "250 queued as \(repeated)\r\n"],
        ]
        for dialogue in dialogues {
            var harness = login(by: .plain)
            harness.receive(dialogue[0])
            if dialogue.count > 1 { harness.begin() }
            for words in dialogue.dropFirst() { harness.receive(words) }
            let told = harness.events.joined(separator: "\n")
            let said = harness.session.said.map(\.text).joined(separator: "\n")
            XCTAssertFalse(told.isEmpty)
            // A secret that is cut off tells, too.
            for secret in secrets.map({ String($0.prefix(8)) }) {
                XCTAssertFalse(told.contains(secret), told)
                XCTAssertFalse(said.contains(secret), said)
            }
        }
    }

    // MARK: Replies that are not the answer

    func testAFarewellOrASecondGreetingIsNoConsent() {
        for code in [220, 221] {
            var hello = SessionHarness()
            hello.receive("220 hi\r\n")
            hello.receive("\(code) hi\r\n250 ok\r\n")
            XCTAssertEqual(hello.takeLog(), ["failed protocolViolation"])
            var mail = ready()
            mail.receive("\(code) hi\r\n250 ok\r\n250 ok\r\n354 go\r\n")
            XCTAssertEqual(mail.takeLog(), ["failed protocolViolation"])
            var dot = ready()
            dot.receive("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
            dot.receive("\(code) bye\r\n")
            XCTAssertEqual(dot.takeLog(), ["body", "failed protocolViolation"], "nobody knows whether it was taken")
        }
    }

    func testWordsBeforeTheMessageAreNeverTakenForTheAnswerToIt() {
        for (words, log) in [
            ("250 queued\r\n", ["failed protocolViolation"]), ("250 que", ["failed protocolViolation"]),
            ("554 5.7.1 no\r\n", ["all refused 554 5.7.1 no", "failed refused for good 554 5.7.1 no"]),
            ("421 4.3.2 bye\r\n", ["all refusedForNow 421 4.3.2 bye", "failed refused 421 4.3.2 bye"]),
        ] {
            var data = ready()
            data.receive("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n\(words)")
            XCTAssertEqual(data.takeLog(), log)
            XCTAssertEqual(data.takeSent(), "", "the end of the message must not leave")
            var chunks = ready { $0.chunks = true }
            chunks.receive("250 ok\r\n250 ok\r\n250 ok\r\n\(words)")
            XCTAssertEqual(chunks.takeLog(), log)
            XCTAssertEqual(chunks.takeSent(), "")
            var last = ready { $0.chunks = true }
            last.receive("250 ok\r\n250 ok\r\n250 ok\r\n")
            last.receive("250 4 octets\r\n\(words)")
            XCTAssertEqual(last.takeLog(), ["body"] + log)
            XCTAssertEqual(last.takeSent(), "BDAT 4\r\nHell")
        }
    }

    func testAnEmptyLineBehindAReplyIsNoWord() {
        var harness = ready()
        harness.receive("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n\r\n")
        harness.receive("250 queued\r\n")
        XCTAssertEqual(harness.takeLog(), ["body", "accepted 250 queued"])
    }

    // MARK: Injection

    func testAClientNameThatCouldBeACommandIsNeverSent() {
        for name in [
            "", "a b", "a\r\nRCPT TO:<evil@example.org>", "a\rb", "a\nb", "a\0b", "\u{10A}", "\u{760D}\u{760A}",
            "a\u{2028}b", String(repeating: "a", count: 256),
        ] {
            var harness = SessionHarness { $0.clientName = name }
            harness.receive("220 hi\r\n")
            XCTAssertEqual(harness.takeLog(), ["failed unsupported"], name.debugDescription)
            XCTAssertEqual(harness.takeSent(), "")
        }
    }

    func testManyRecipientsKeepTheirOwnAnswers() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeLog()
        // Every third is no address, every seventh is refused.
        let recipients = (0..<10_000).map { $0 % 3 == 1 ? "r\($0)" : "r\($0)@example.org" }
        harness.begin(to: recipients)
        var refused: Set<Int> = []
        while !harness.events.contains("body") {
            let commands = harness.takeSent().split(separator: "\r\n")
            guard !commands.isEmpty else { return XCTFail("nothing more is said") }
            var replies = ""
            for command in commands {
                if command == "DATA" {
                    replies += "354 go\r\n"
                } else if command.hasPrefix("RCPT TO:<r"),
                    let number = Int(command.dropFirst(10).prefix { $0 != "@" }), number % 7 == 0
                {
                    refused.insert(number)
                    replies += "550 no \(number)\r\n"
                } else if command.hasPrefix("MAIL") || command.hasPrefix("RCPT") {
                    replies += "250 ok\r\n"
                }
            }
            harness.receive(replies)
        }
        let log = Set(harness.takeLog())
        let unsendable = Set(
            log.compactMap { line in line.firstRange(of: " refused 5.1.3").flatMap { Int(line[..<$0.lowerBound]) } })
        for number in recipients.indices {
            XCTAssertEqual(unsendable.contains(number), number % 3 == 1, "\(number)")
            if number % 3 != 1 {
                XCTAssertEqual(log.contains("\(number) refused 550 no \(number)"), number % 7 == 0)
            }
        }
        XCTAssertEqual(refused.count, (0..<10_000).count { $0 % 3 != 1 && $0 % 7 == 0 })
    }
}

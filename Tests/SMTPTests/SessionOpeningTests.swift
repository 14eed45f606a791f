import Foundation
import Mailroom
import XCTest

@testable import MailroomSMTP

/// STARTTLS, without a socket.
final class SessionOpeningTests: XCTestCase {
    private func harness(
        _ security: SMTPSecurity, isLocal: Bool = false, credentials: SMTPCredentials? = nil
    ) -> SessionHarness {
        SessionHarness(isLocal: isLocal) {
            $0.security = security
            $0.credentials = credentials
        }
    }

    func testEncryptsAndAsksAgainWhatTheServerOffers() {
        for security in [SMTPSecurity.required, .whenOffered] {
            var harness = harness(security)
            harness.open(["STARTTLS", "PIPELINING", "SIZE 10"])
            XCTAssertEqual(harness.takeSent(), "EHLO client.example\r\nSTARTTLS\r\n")
            harness.receive("220 go ahead\r\n")
            XCTAssertEqual(harness.takeSent(), "EHLO client.example\r\n")
            XCTAssertFalse(harness.session.capabilities.pipelining, "what was said in the clear is forgotten")
            harness.receive("250-server.example\r\n250 SIZE 99\r\n")
            XCTAssertEqual(harness.takeLog(), ["encrypt", "ready"])
            XCTAssertEqual(harness.session.capabilities.maximumSize, 99)
            XCTAssertFalse(harness.session.capabilities.pipelining)
        }
    }

    func testWordsBehindTheAnswerToSTARTTLSAreThrownAway() {
        var harness = harness(.required)
        harness.open(["STARTTLS"])
        _ = harness.takeSent()
        harness.receive("220 go ahead\r\n250-server.example\r\n250-AUTH PLAIN\r\n250 SIZE 1\r\n235 welcome\r\n")
        XCTAssertEqual(harness.takeLog(), ["encrypt"])
        XCTAssertEqual(harness.takeSent(), "EHLO client.example\r\n")
        XCTAssertEqual(harness.session.capabilities, SMTPCapabilities())
        harness.receive("250 server.example\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready"])
    }

    func testRequiredTLSNeverFallsBack() {
        for answer in [
            "454 TLS not available", "502 not implemented", "500 what", "501 what", "530 Must issue STARTTLS first",
        ] {
            var harness = harness(.required)
            harness.open(["STARTTLS"])
            harness.receive("\(answer)\r\n")
            XCTAssertEqual(harness.takeLog(), ["failed unsupported \(answer)"])
        }
        for answer in ["221 bye", "354 do something else", "250 ok"] {
            var harness = harness(.required)
            harness.open(["STARTTLS"])
            harness.receive("\(answer)\r\n")
            XCTAssertEqual(harness.takeLog(), ["failed protocolViolation"])
        }
        var stripped = harness(.required)
        stripped.open(["AUTH PLAIN"])
        XCTAssertEqual(stripped.takeLog(), ["failed unsupported"])
        var old = harness(.required)
        old.receive("220 hi\r\n")
        old.receive("502 no EHLO\r\n")
        old.receive("250 hello\r\n")
        XCTAssertEqual(old.takeLog(), ["failed unsupported"])
        XCTAssertFalse(stripped.takeSent().contains("MAIL") || old.takeSent().contains("MAIL"))
    }

    func testTLSWhereOfferedFallsBackWithoutCredentialsOnly() {
        var refused = harness(.whenOffered)
        refused.open(["STARTTLS"])
        refused.receive("454 TLS not available\r\n")
        XCTAssertEqual(refused.takeLog(), ["ready"])
        var credentials = harness(.whenOffered, credentials: .password("secret", of: "me"))
        credentials.open(["STARTTLS", "AUTH PLAIN"])
        credentials.receive("454 TLS not available\r\n")
        XCTAssertEqual(credentials.takeLog(), ["failed authenticationFailed"])
        var stripped = harness(.whenOffered, credentials: .password("secret", of: "me"))
        stripped.open(["AUTH PLAIN"])
        XCTAssertEqual(stripped.takeLog(), ["failed authenticationFailed"])
        for harness in [credentials, stripped] { XCTAssertFalse(harness.sent.contains("AUTH")) }
    }

    func testThisMachineItselfIsSpokenToInTheClearUnlessTLSIsRequired() {
        var relaxed = harness(.whenOffered, isLocal: true)
        relaxed.open(["STARTTLS"])
        XCTAssertEqual(relaxed.takeLog(), ["ready"])
        var strict = harness(.required, isLocal: true)
        strict.open(["STARTTLS"])
        XCTAssert(strict.takeSent().hasSuffix("STARTTLS\r\n"))
    }

    func testImplicitTLSAsksForNoSTARTTLS() {
        var harness = harness(.implicit)
        harness.open(["STARTTLS"])
        XCTAssertEqual(harness.takeLog(), ["ready"])
    }

    func testAServerThatWantsTLSOrALoginFirstIsNoFaultOfTheMail() {
        for (answers, words) in [
            ("530 5.7.0 Must issue a STARTTLS command first\r\n", "530 5.7.0 Must issue a STARTTLS command first"),
            ("250 ok\r\n530 5.7.0 Authentication required\r\n", "530 5.7.0 Authentication required"),
        ] {
            var harness = SessionHarness()
            harness.open()
            harness.begin()
            harness.receive(answers)
            XCTAssertEqual(harness.takeLog(), ["ready", "failed authenticationFailed \(words)"])
        }
    }

    /// Every recorded trick of a server about TLS, with a client that requires it and one that takes what it gets.
    func testNoRecordedTrickGetsCredentialsOrRequiredMailInTheClear() throws {
        let cases = try RecordedServer.all()
        XCTAssertGreaterThan(cases.count, 40)
        for server in cases {
            for security in [SMTPSecurity.required, .whenOffered] {
                var harness = harness(security, credentials: .password("secret", of: "me"))
                var heard = 0
                var clear = ""
                harness.receive(server.greeting)
                while heard < 20 {
                    let said = harness.takeSent()
                    guard !said.isEmpty else { break }
                    if !harness.session.isEncrypted { clear += said }
                    for line in said.split(separator: "\r\n") {
                        heard += 1
                        harness.receive(server.answer(to: String(line), isEncrypted: harness.session.isEncrypted))
                    }
                    if harness.session.isReady {
                        harness.begin()
                        break
                    }
                }
                XCTAssertFalse(clear.contains("AUTH"), "\(server.name): \(clear)")
                if security.mode == .required { XCTAssertFalse(clear.contains("MAIL"), "\(server.name): \(clear)") }
                let end = harness.events.last ?? ""
                XCTAssert(
                    end.hasPrefix("failed") || harness.session.isReady,
                    "\(server.name) left the session waiting: \(harness.events)")
            }
        }
    }
}

/// A server of the EAST collection, as far as it speaks in the clear.
private struct RecordedServer {
    let name: String
    let greeting: String
    private let capabilities: [String]
    private let encryptedCapabilities: [String]
    private let answers: [String: String]

    static func all() throws -> [RecordedServer] {
        let folder = smtpMaterial().appending(path: "east-starttls")
        guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
            throw XCTSkip("the recorded servers are not on this machine")
        }
        let found = files.compactMap { $0 as? URL }.filter { $0.pathExtension == "ron" }
        guard !found.isEmpty else { throw XCTSkip("the recorded servers are not on this machine") }
        return try found.map { file in
            RecordedServer(
                name: file.pathComponents.suffix(2).joined(separator: "/"),
                source: try String(contentsOf: file, encoding: .utf8))
        }
    }

    private init(name: String, source: String) {
        self.name = name
        let lines = source.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
        let text = lines.joined(separator: "\n")
        func capture(_ pattern: String) -> [[String]] {
            guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
            let all = NSRange(text.startIndex..., in: text)
            return expression.matches(in: text, range: all).map { match in
                (1..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
            }
        }
        func unescaped(_ text: String) -> String {
            text.replacingOccurrences(of: "\\r", with: "\r").replacingOccurrences(of: "\\n", with: "\n")
        }
        func offered(_ key: String) -> [String] {
            let list = capture("\(key): *\\[(.*)\\],").first?.first ?? ""
            return (list.contains("StartTLS") ? ["STARTTLS"] : []) + (list.contains("Auth") ? ["AUTH PLAIN LOGIN"] : [])
        }
        capabilities = offered("capabilities")
        encryptedCapabilities = offered("capabilities_tls")
        greeting = unescaped(capture("greeting: *\"([^\"]*)\"").first?.first ?? "220 server.example\\r\\n")
        var answers: [String: String] = [:]
        for pair in capture("\"(\\w+)\": *\"([^\"]*)\"") { answers[pair[0].lowercased()] = unescaped(pair[1]) }
        if let answer = capture("stls_response: *\"([^\"]*)\"").first?.first { answers["starttls"] = unescaped(answer) }
        for hidden in capture("hide_commands: *\\[(.*)\\]").first?.first?.split(separator: "\"") ?? [] {
            answers[String(hidden)] = "500 unknown\r\n"
        }
        self.answers = answers
    }

    func answer(to line: String, isEncrypted: Bool) -> String {
        let word = line.prefix { $0 != " " }.lowercased()
        if !isEncrypted, let answer = answers[word] { return answer }
        switch word {
        case "ehlo":
            let lines = ["server.example"] + (isEncrypted ? encryptedCapabilities : capabilities)
            return lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }.joined()
        case "helo": return "250 server.example\r\n"
        case "starttls": return "220 go ahead\r\n250-injected\r\n250 AUTH LOGIN\r\n"
        case "auth": return "235 welcome\r\n"
        case "quit": return "221 bye\r\n"
        default: return "500 unknown\r\n"
        }
    }
}

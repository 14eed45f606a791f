import MailroomSMTP
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// The capture server beside MailHog itself, where `MAILROOM_MAILHOG` names its program; skipped elsewhere.
final class MailHogPeerTests: XCTestCase {
    private func mailHog() throws -> String {
        guard let path = ProcessInfo.processInfo.environment["MAILROOM_MAILHOG"] else {
            throw XCTSkip("MAILROOM_MAILHOG does not name the program.")
        }
        return path
    }

    /// Ports that were free a moment ago; MailHog does not say which it took.
    private func freePorts(_ count: Int) throws -> [Int] {
        let servers = try (0..<count).map { _ in try TestServer() }
        defer { for server in servers { server.server.stop() } }
        return servers.map(\.ports.smtp)
    }

    func testAnswersLikeMailHogItself() throws {
        let program = try mailHog()
        let ports = try freePorts(2)
        let origin = "http://app.example"
        let peer = try RunningProgram(
            program,
            [
                "-smtp-bind-addr", "127.0.0.1:\(ports[0])", "-api-bind-addr", "127.0.0.1:\(ports[1])", "-ui-bind-addr",
                "127.0.0.1:\(ports[1])", "-hostname", "mailroom.example", "-cors-origin", origin,
            ])
        defer { peer.stop() }
        let ours = try TestServer {
            $0.corsOrigin = origin
            $0.release = { target in
                var configuration = SMTPConfiguration(host: target.host, port: target.port)
                configuration.clientName = target.helloName
                return SMTPTransport(configuration)
            }
        }
        // MailHog insists on a certificate that holds where STARTTLS is offered.
        let real = try TestServer { $0.encryption = .none }
        let script = MailHogPeerScript.text
        let arguments = [ports[0], ports[1], ours.ports.smtp, ours.ports.web, real.ports.smtp].map(String.init)
        let result = try Programs.run("python3", ["-c", script] + arguments)
        XCTAssertEqual(result.status, 0, result.errors)
        XCTAssertTrue(result.output.hasSuffix("0 differences\n"), result.output)
        let released = real.server.messages
        XCTAssertGreaterThan(released.count, 10)
        XCTAssertEqual(released.count % 2, 0)
        // MailHog's release of each mail, then ours.
        for pair in stride(from: 0, to: released.count, by: 2) {
            let bodies = try released[pair...pair + 1].map { message in
                let end = try XCTUnwrap(message.bytes[...].firstRange(of: [13, 10, 13, 10]))
                return Array(message.bytes[end.upperBound...])
            }
            XCTAssertEqual(bodies[0], bodies[1], released[pair].text)
        }
        XCTAssertEqual(Set(released.map(\.reversePath)), ["nobody@mailroom.example"])
        XCTAssertEqual(Set(released.map(\.recipients)), [["r@z.example"]])
        XCTAssertEqual(Set(released.map(\.helo)), ["localhost"])
    }

    func testAsksForLoginsLikeMailHogItself() throws {
        let program = try mailHog()
        let ports = try freePorts(2)
        let hash = try Programs.run(program, ["bcrypt", "pä:ss"])
        let folder = TestFolder()
        let file = folder.path + "/logins"
        let line = "ann:" + hash.output.filter { !$0.isNewline }
        try line.write(toFile: file, atomically: true, encoding: .utf8)
        let peer = try RunningProgram(
            program,
            [
                "-smtp-bind-addr", "127.0.0.1:\(ports[0])", "-api-bind-addr", "127.0.0.1:\(ports[1])", "-ui-bind-addr",
                "127.0.0.1:\(ports[1])", "-auth-file", file, "-ui-web-path", "hog",
            ])
        defer { peer.stop() }
        let ours = try TestServer {
            $0.loginFile = file
            $0.webPath = "hog"
        }
        for (path, login) in [
            ("/hog/", nil), ("/hog/api/v1/messages", nil), ("/hog/api/v2/websocket", "ann:wrong"),
            ("/nothing", "bob:pä:ss"),
            ("/hog/api/v2/messages", "ann:pä:ss"), ("/api/v2/messages", "ann:pä:ss"),
        ] {
            let answers = try [ports[1], ours.ports.web].map { port in
                try Programs.run(
                    "curl",
                    [
                        "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o", "-", "-w",
                        "|%{http_code}|%{header_json}", "http://127.0.0.1:\(port)\(path)",
                    ] + (login.map { ["-u", $0] } ?? [])
                ).output
            }
            let seen = answers.map { answer in
                let sides = answer.split(separator: "|", omittingEmptySubsequences: false)
                let asks = sides.last?.contains("\"www-authenticate\":[\"Basic\"]") == true
                return "\(sides[0])|\(sides[1])|\(asks)"
            }
            XCTAssertEqual(seen[0], seen[1], path)
        }
    }
}

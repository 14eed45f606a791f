import MailroomSockets
import Synchronization
import TestSupport
import XCTest

@testable import MailroomCapture

final class CaptureServerTests: XCTestCase {
    func testPythonsClientIsUnderstood() throws {
        let server = try TestServer()
        let script = """
            import smtplib
            from email.message import EmailMessage
            with smtplib.SMTP("127.0.0.1", \(server.ports.smtp), timeout=10) as s:
                s.login("user", "secret")
                m = EmailMessage()
                m["From"] = "a@x.example"; m["To"] = "b@y.example"; m["Subject"] = "Grüße"
                m.set_content(".\\n..\\nlast\\n")
                s.send_message(m)
                assert s.sendmail("", ["c@y.example"], "Subject: bounce\\r\\n\\r\\nx") == {}
                assert s.noop()[0] == 250
                assert s.docmd("MAIL", "FROM:<a@x.example> SIZE=9999999999")[0] == 552
                s.sendmail("ä@x.example", ["ö@y.example"], "Subject: x\\r\\n\\r\\nä".encode(), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
            """
        XCTAssertEqual(try Programs.run("python3", ["-c", script]).status, 0)
        let messages = server.server.messages
        XCTAssertEqual(messages.map(\.reversePath), ["a@x.example", nil, "ä@x.example"])
        XCTAssertTrue(messages.first?.text.hasSuffix("\r\n\r\n.\r\n..\r\nlast\r\n") == true)
        XCTAssertEqual(messages.last?.recipients, ["ö@y.example"])
    }

    func testSwaksIsUnderstood() throws {
        let server = try TestServer()
        let result = try Programs.run(
            "swaks",
            [
                "--server", "127.0.0.1:\(server.ports.smtp)", "--from", "a@x.example", "--to",
                "b@y.example,c@y.example",
                "--pipeline", "--auth", "LOGIN", "--auth-user", "u", "--auth-password", "p", "--h-Subject",
                "from swaks",
            ])
        XCTAssertEqual(result.status, 0, result.output)
        XCTAssertEqual(server.server.messages.first?.recipients, ["b@y.example", "c@y.example"])
        XCTAssertTrue(server.server.messages.first?.text.contains("Subject: from swaks\r\n") == true)
    }

    func testCurlSendsAMailAndFetchesIt() throws {
        let server = try TestServer()
        let sent = try Programs.run(
            "curl",
            [
                "-sS", "smtp://127.0.0.1:\(server.ports.smtp)", "--mail-from", "a@x.example", "--mail-rcpt",
                "b@y.example",
                "-T", "-",
            ], input: "Subject: from curl\r\n\r\n.dot\r\n".utf8)
        XCTAssertEqual(sent.status, 0, sent.output)
        let fetched = try Programs.run(
            "curl",
            ["-sS", "--compressed", "http://localhost:\(server.ports.web)/api/v2/search?kind=containing&query=.dot"])
        XCTAssertTrue(fetched.output.contains("\"Subject\":[\"from curl\"]"), fetched.output)
        let head = try Programs.run("curl", ["-sS", "-I", "http://127.0.0.1:\(server.ports.web)/"])
        XCTAssertTrue(head.output.hasPrefix("HTTP/1.1 200 OK"), head.output)
    }

    func testManyConnectionsOfSMTPSourceLoseNothing() throws {
        let server = try TestServer()
        let result = try Programs.run(
            "smtp-source",
            [
                "-d", "-s", "10", "-m", "300", "-l", "4096", "-f", "a@x.example", "-t", "b@y.example",
                "127.0.0.1:\(server.ports.smtp)",
            ])
        XCTAssertEqual(result.status, 0, result.output)
        let messages = server.server.messages
        XCTAssertEqual(messages.count, 300)
        XCTAssertEqual(Set(messages.map(\.id)).count, 300)
        XCTAssertTrue(messages.allSatisfy { $0.bytes.count > 4000 && $0.bytes.suffix(2) == [13, 10] })
    }

    func testADialogueOverTheNetworkMaySplitAnywhere() throws {
        let server = try TestServer()
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.ports.smtp, timeout: .seconds(10))
        let text = "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n..a\r\n\n.\n\r\n.\r\nQUIT\r\n"
        for byte in text.utf8 { try stream.write([byte], deadline: .now + .seconds(10)) }
        var replies: [UInt8] = []
        while try stream.read(appendingTo: &replies, deadline: .now + .seconds(10)) > 0 {}
        XCTAssertTrue(String(decoding: replies, as: UTF8.self).hasSuffix("\r\n221 2.0.0 Bye\r\n"))
        XCTAssertEqual(server.server.messages.map(\.text), [".a\r\n\n.\n\r\n"])
    }

    func testWaitingEndsWithTheMailOrTheTime() async throws {
        let server = try TestServer()
        let capture = server.server
        async let found = capture.messages(atLeast: 2, within: .seconds(30))
        try server.send(["Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n"])
        let messages = try await found
        XCTAssertGreaterThanOrEqual(messages.count, 2)
        do {
            _ = try await capture.messages(atLeast: 3, within: .milliseconds(10))
            XCTFail("There are only two.")
        } catch {
            XCTAssertEqual(error.code, .tooFew)
            XCTAssertTrue("\(error)".hasPrefix("2 of 3 mails arrived within 0.01 seconds."), "\(error)")
        }
        let task = Task { () -> CaptureError.Code? in
            do { _ = try await capture.messages(atLeast: 3, within: .seconds(60)) } catch {
                return (error as? CaptureError)?.code
            }
            return nil
        }
        task.cancel()
        let code = await task.value
        XCTAssertEqual(code, .cancelled)
    }

    func testEveryMailIsToldOf() throws {
        let told = Mutex<[String]>([])
        let server = try TestServer { $0.onMessage = { message in told.withLock { $0.append(message.text) } } }
        try server.send(["one", "two"])
        XCTAssertEqual(told.withLock { $0 }, ["one\r\n", "two\r\n"])
    }

    func testTheOldestMailsMakeRoom() throws {
        let server = try TestServer {
            $0.maximumCount = 3
            $0.maximumMemory = 3 * 1100
        }
        try server.send((1...5).map { "\($0)" })
        XCTAssertEqual(server.server.messages.map(\.text), ["3\r\n", "4\r\n", "5\r\n"])
        try server.send([String(repeating: "x", count: 1500)])
        XCTAssertEqual(server.server.messages.count, 1)
        try server.send([String(repeating: "y", count: 2000)])
        XCTAssertEqual(server.server.messages.map(\.bytes.count), [2002])
        let id = try XCTUnwrap(server.server.messages.first?.id)
        XCTAssertEqual(try server.ask("GET", "/api/v1/messages/\(id)").status, 200)
    }

    func testStoppingFreesThePortsAndKeepsTheMails() throws {
        let first = try TestServer()
        try first.send(["x"])
        XCTAssertThrowsError(try TestServer { $0.smtpPort = first.ports.smtp }) {
            XCTAssertEqual(($0 as? CaptureError)?.code, .addressInUse)
        }
        XCTAssertThrowsError(try TestServer { $0.webPort = first.ports.web }) {
            XCTAssertEqual(($0 as? CaptureError)?.code, .addressInUse)
        }
        XCTAssertEqual(try first.server.start(), first.ports)
        first.server.stop()
        first.server.stop()
        XCTAssertEqual(first.server.messages.count, 1)
        let second = try TestServer { $0.smtpPort = first.ports.smtp }
        XCTAssertEqual(second.ports.smtp, first.ports.smtp)
    }
}

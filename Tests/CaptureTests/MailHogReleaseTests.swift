import Mailroom
import MailroomSMTP
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// Releasing mails to a real server, line by line of MailHog's API.
final class MailHogReleaseTests: XCTestCase {
    private let made = Shared<[ReleaseTarget]>([])

    /// Releases as the command does: by SMTP.
    private var bySMTP: ReleaseTransportMaker {
        let made = made
        return { target in
            made.change { $0.append(target) }
            var configuration = SMTPConfiguration(host: target.host, port: target.port)
            configuration.clientName = target.helloName
            configuration.credentials = target.login.map {
                .password($0.password, of: $0.user, by: SMTPCredentials.Mechanism(rawValue: $0.mechanism.rawValue))
            }
            return SMTPTransport(configuration)
        }
    }

    private let mail = "From: Ann <ann@x.example>\r\nX: 1\r\nX: 2\r\n\r\n.dots\r\n..\r\nÄ"

    private func release(_ api: APIServer, _ id: String, _ body: String) throws -> TestServer.Answer {
        try api.ask("POST", "/api/v1/messages/\(id)/release", body, fields: ["Content-Type: application/json"])
    }

    func testAReleaseIs200EmptyTextJSONAfterDelivery() throws {
        let real = try TestServer()
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        let answer = try release(
            api, id, "{\"Host\":\"127.0.0.1\",\"Port\":\"\(real.ports.smtp)\",\"Email\":\"real@z.example\"}")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.body, [])
        XCTAssertEqual(answer.field("Content-Type"), "text/json")
        let message = try XCTUnwrap(real.server.messages.first)
        XCTAssertEqual(real.server.messages.count, 1)
        XCTAssertEqual(message.reversePath, "nobody@mail.x.example")
        XCTAssertEqual(message.recipients, ["real@z.example"])
        XCTAssertEqual(message.helo, "localhost")
        XCTAssertEqual(made.current.map(\.login), [nil])
    }

    func testWhatIsReleasedIsWhatIsDownloaded() throws {
        let real = try TestServer()
        let api = try APIServer(release: bySMTP)
        for mail in [mail, "no header at all", "A: b\r\n\r\n\r\n\r\n"] {
            let id = try api.capture(mail)
            let body = "{\"host\":\"127.0.0.1\",\"PORT\":\"\(real.ports.smtp)\",\"eMail\":\"real@z.example\"}"
            XCTAssertEqual(try release(api, id, body).status, 200)
            let download = try api.ask("GET", "/api/v1/messages/\(id)/download").body
            let received = try XCTUnwrap(real.server.messages.last?.bytes)
            XCTAssertEqual(received, download.suffix(2) == [13, 10] ? download : download + [13, 10])
        }
    }

    func testOctetsBeyondASCIIAreReleasedAsTheyWere() throws {
        let real = try TestServer()
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(Array("A: b\r\n\r\n".utf8) + [0xE4, 0x00, 0xFF])
        let body = "{\"Host\":\"127.0.0.1\",\"Port\":\"\(real.ports.smtp)\",\"Email\":\"real@z.example\"}"
        XCTAssertEqual(try release(api, id, body).status, 200)
        XCTAssertEqual(real.server.messages.last.map { Array($0.bytes.suffix(5)) }, [0xE4, 0x00, 0xFF, 13, 10])
    }

    func testBadJSONAndAPortThatIsANumberAre500WithWords() throws {
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        for body in [
            "", "{", "[]", "\"x\"", "{\"Port\":25}", "{\"Save\":\"yes\"}", "{\"Host\":[]}", "{\"Host\":{\"a\":1}}",
        ] {
            for target in [id, "unknown"] {
                let answer = try release(api, target, body)
                XCTAssertEqual(answer.status, 500, body)
                XCTAssertEqual(answer.text, "Error decoding request body", body)
            }
        }
        XCTAssertTrue(made.current.isEmpty)
    }

    func testAnUnknownMessageIs404() throws {
        XCTAssertEqual(try release(try APIServer(release: bySMTP), "unknown", "{}").status, 404)
    }

    func testAnUnknownNameIs400Empty() throws {
        let api = try APIServer(release: bySMTP)
        let answer = try release(api, try api.capture(mail), "{\"Name\":\"nobody\"}")
        XCTAssertEqual(answer.status, 400)
        XCTAssertEqual(answer.body, [])
    }

    func testSaveAndNameStoreTheServerOnce() throws {
        let real = try TestServer()
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        let body =
            "{\"Name\":\"s\",\"Save\":true,\"Host\":\"127.0.0.1\",\"Port\":\"\(real.ports.smtp)\",\"Email\":\"real@z.example\"}"
        XCTAssertEqual(try release(api, id, body).status, 200)
        let stored = try XCTUnwrap((try api.json("/api/v2/outgoing-smtp") as? [String: [String: Any]])?["s"])
        XCTAssertEqual(stored["Port"] as? String, "\(real.ports.smtp)")
        XCTAssertEqual(stored["Save"] as? Bool, true)
        let again = try release(api, id, body)
        XCTAssertEqual(again.status, 400)
        XCTAssertEqual(again.body, [])
        XCTAssertEqual(real.server.messages.count, 1)
    }

    func testAServerIsStoredOnlyIfAllElseAboutItIsRight() throws {
        let api = try APIServer(release: { _ in throw CaptureError(code: .misconfigured, description: "far enough") })
        let id = try api.capture(mail)
        for (fields, status) in [
            ("\"Username\":\"u\",\"Mechanism\":\"LOGIN\"", 400), ("\"Port\":\"x\"", 500), ("\"Port\":\"0\"", 500),
            ("\"Port\":\"65536\"", 500), ("\"Email\":\"\(String(repeating: "e", count: 1025))\"", 400),
            ("\"Password\":\"\(String(repeating: "ä", count: 513))\",\"Mechanism\":\"PLAIN\"", 400),
        ] {
            let body = "{\"Name\":\"s\",\"Save\":true,\"Host\":\"h\",\(fields)}"
            XCTAssertEqual(try release(api, id, body).status, status, fields)
            XCTAssertEqual(api.outgoing.all.count, 0, fields)
        }
        XCTAssertEqual(try release(api, id, "{\"Name\":\"s\",\"Save\":true,\"Port\":\"25\"}").status, 500)
        XCTAssertEqual(api.outgoing.all.count, 1)
        // Where nothing can be released nothing is stored either.
        let closed = try APIServer()
        let mail = try closed.capture(mail)
        XCTAssertEqual(try release(closed, mail, "{\"Name\":\"s\",\"Save\":true,\"Port\":\"25\"}").status, 501)
        XCTAssertEqual(closed.outgoing.all.count, 0)
    }

    func testNoMoreThanAHundredServersAreStored() throws {
        let servers = OutgoingServers()
        var server = OutgoingServer()
        for number in 0..<OutgoingServers.maximumCount {
            server.name = "\(number)"
            XCTAssertEqual(servers.add(server), .stored)
            XCTAssertEqual(servers.add(server), .exists)
        }
        server.name = "more"
        XCTAssertEqual(servers.add(server), .noRoom)
        XCTAssertEqual(servers.all.count, 100)
    }

    func testANameAloneUsesAStoredServerAndItsAddress() throws {
        let real = try TestServer()
        var server = OutgoingServer()
        server.name = "other"
        server.host = "127.0.0.1"
        server.port = "\(real.ports.smtp)"
        server.email = "stored@z.example"
        let api = try APIServer(outgoing: ["s": server], release: bySMTP)
        let id = try api.capture(mail)
        XCTAssertEqual(try release(api, id, "{\"Name\":\"s\"}").status, 200)
        XCTAssertEqual(
            try release(api, id, "{\"Name\":\"s\",\"Email\":\"given@z.example\",\"Host\":\"ignored\",\"Port\":\"1\"}")
                .status, 200)
        XCTAssertEqual(real.server.messages.flatMap(\.recipients), ["stored@z.example", "given@z.example"])
    }

    func testLoginsAreByPlainOrCRAMMD5AndAnyOtherMechanismIs400() throws {
        let api = try APIServer(release: { [made] target in
            made.change { $0.append(target) }
            throw CaptureError(code: .misconfigured, description: "far enough")
        })
        let id = try api.capture(mail)
        func status(_ mechanism: String, _ login: String) throws -> Int {
            try release(
                api, id,
                "{\"Host\":\"h\",\"Port\":\"25\",\"Email\":\"a@b.example\",\"Mechanism\":\"\(mechanism)\"\(login)}"
            ).status
        }
        XCTAssertEqual(try status("PLAIN", ",\"Username\":\"u\",\"Password\":\"p\""), 500)
        XCTAssertEqual(try status("CRAMMD5", ",\"Password\":\"p\""), 500)
        XCTAssertEqual(try status("LOGIN", ""), 500)
        XCTAssertEqual(
            made.current.map(\.login),
            [
                .init(user: "u", password: "p", mechanism: .plain), .init(user: "", password: "p", mechanism: .cramMD5),
                nil,
            ])
        XCTAssertFalse("\(made.current)".contains("\"p\""), "\(made.current)")
        for mechanism in ["LOGIN", "plain", "CRAM-MD5", ""] {
            XCTAssertEqual(try status(mechanism, ",\"Username\":\"u\""), 400, mechanism)
        }
        XCTAssertEqual(made.current.count, 3)
    }

    func testAServerThatWantsALoginGetsIt() throws {
        let real = try TestServer()
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        let body =
            "{\"Host\":\"127.0.0.1\",\"Port\":\"\(real.ports.smtp)\",\"Email\":\"real@z.example\",\"Username\":\"ann\","
            + "\"Password\":\"secret\",\"Mechanism\":\"PLAIN\"}"
        XCTAssertEqual(try release(api, id, body).status, 200)
        XCTAssertEqual(real.server.messages.count, 1)
    }

    func testAFailedDeliveryIs500Empty() throws {
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        let lone = try api.capture("A: b\r\n\r\na lone\nline feed")
        let real = try TestServer()
        let closed = try ClosedPort()
        for (target, fields) in [
            (id, "\"Port\":\"\(closed.port)\",\"Email\":\"a@b.example\""),
            (id, "\"Port\":\"x\",\"Email\":\"a@b.example\""),
            (id, "\"Port\":\"\(real.ports.smtp)\",\"Email\":\"no address\""),
            (id, "\"Port\":\"\(real.ports.smtp)\",\"Email\":\"a@b.example>\\r\\nRSET\""),
            (lone, "\"Port\":\"\(real.ports.smtp)\",\"Email\":\"a@b.example\""), (id, "\"Name\":\"\""),
        ] {
            let answer = try release(api, target, "{\"Host\":\"127.0.0.1\",\(fields)}")
            XCTAssertEqual(answer.status, 500, fields)
            XCTAssertEqual(answer.body, [], fields)
        }
        XCTAssertTrue(real.server.messages.isEmpty)
    }

    func testOthersAreServedWhileAReleaseTakesItsTime() throws {
        let silent = try SilentListener()
        let api = try APIServer(release: bySMTP)
        let id = try api.capture(mail)
        let body = "{\"Host\":\"127.0.0.1\",\"Port\":\"\(silent.port)\",\"Email\":\"a@b.example\"}"
        let waiting = try TCPStream.connect(host: "127.0.0.1", port: api.port, timeout: .seconds(10))
        let request =
            "POST /api/v1/messages/\(id)/release HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try waiting.write(Array(request.utf8), deadline: .now + .seconds(10))
        while made.current.isEmpty { sched_yield() }
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)").status, 200)
        api.stop()
        var bytes: [UInt8] = []
        while try waiting.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 {}
        XCTAssertTrue(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
    }

    /// Takes connections and says nothing.
    private final class SilentListener {
        private final class Silence: ConnectionHandler {
            func begin(_ output: inout ConnectionOutput) {}
            func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {}
            func expire(_ output: inout ConnectionOutput) {}
            func stop(_ output: inout ConnectionOutput) { output.close() }
            func end() {}
        }
        private let server: SocketServer
        var port: Int { server.port }
        init() throws { server = try SocketServer(SocketServer.Configuration()) { _ in Silence() } }
        deinit { server.stop() }
    }

    func testServersComeFromAFileThatMapsNamesToThem() throws {
        let folder = TestFolder()
        let path = folder.path + "/servers.json"
        try "{\"a\":{\"name\":\"A\",\"Host\":\"h\",\"port\":\"25\"},\"b\":{}}".write(
            toFile: path, atomically: true, encoding: .utf8)
        let servers = try OutgoingServers(file: path)
        XCTAssertEqual(servers.all.map(\.name), ["a", "b"])
        XCTAssertEqual(servers["a"]?.host, "h")
        for (text, words) in [
            ("[]", "no object"), ("{\"a\":1}", "no object"), ("{\"a\":{\"Port\":25}}", "Port is no string"),
            ("x", "octet 1"),
        ] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            XCTAssertThrowsError(try OutgoingServers(file: path)) { error in
                XCTAssertEqual((error as? CaptureError)?.code, .misconfigured)
                XCTAssertTrue("\(error)".contains(words), "\(error)")
            }
        }
        XCTAssertThrowsError(try OutgoingServers(file: folder.path + "/none"))
    }
}

import MailroomSockets
import XCTest

@testable import MailroomCapture

/// What pages of other sites may do, and under which names this one is answered.
final class MailHogForeignPageTests: XCTestCase {
    private let origin = "http://app.example:3000"
    private let upgrade = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: \(WebSocketClient.key)",
    ]

    /// What changes something, or streams mails.
    private var sensitive: [(method: String, path: String, fields: [String])] {
        [
            ("DELETE", "/api/v1/messages", []), ("DELETE", "/api/v1/messages/x", []),
            ("POST", "/api/v1/messages/x/release", []), ("POST", "/api/v2/jim", []), ("PUT", "/api/v2/jim", []),
            ("DELETE", "/api/v2/jim", []), ("POST", "/delete-all", []), ("POST", "/mail/x/delete", []),
            ("GET", "/api/v2/websocket", upgrade), ("GET", "/api/v1/events", []), ("GET", "/events", []),
        ]
    }

    func testForeignPagesMayNeitherChangeAnythingNorListen() throws {
        for host in ["127.0.0.1", "0.0.0.0"] {
            let api = try APIServer(listeningOn: host)
            try api.capture("x")
            for (method, path, fields) in sensitive {
                for foreign in [
                    ["Origin: http://evil.example"], ["Origin: null"], ["Origin: http://127.0.0.1:1"],
                    ["Origin: http://127.0.0.1:\(api.port).evil.example"], ["Origin: file://"], ["Origin: "],
                    ["Origin: http://127.0.0.1:\(api.port)", "Origin: http://evil.example"],
                    ["Sec-Fetch-Site: cross-site"],
                ] {
                    let answer = try api.ask(method, path, fields: fields + foreign)
                    XCTAssertEqual(answer.status, 403, "\(method) \(path) \(foreign)")
                }
            }
            XCTAssertEqual(api.store.count, 1)
            XCTAssertNil(api.rules.jim)
        }
    }

    func testForeignPagesMayNotEvenStartASearch() throws {
        let api = try APIServer(prefix: "/p", listeningOn: "0.0.0.0")
        let id = try api.capture("Content-Type: text/html\r\n\r\nx")
        for path in [
            "/api/v2/search?kind=containing&query=x", "/api/v2/messages", "/api/v1/messages", "/api/v1/messages/\(id)",
            "/api/v1/messages/\(id)/download",
        ] {
            for site in ["cross-site", "same-site"] {
                for (fields, status) in [
                    (["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"], 403), ([], 403),
                    (["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"], 403),
                    (["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"], 200),
                    (["Sec-Fetch-Mode: navigate"], 200),
                ] {
                    let answer = try api.ask("GET", path, fields: ["Sec-Fetch-Site: \(site)"] + fields)
                    XCTAssertEqual(answer.status, status, "\(path) \(site) \(fields)")
                }
            }
            for site in ["same-origin", "none"] {
                XCTAssertEqual(try api.ask("GET", path, fields: ["Sec-Fetch-Site: \(site)"]).status, 200)
            }
        }
        // A letter's own pictures are fetched from its frame, which has an origin of its own.
        let picture = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"]
        XCTAssertEqual(try api.ask("GET", "/mail/\(Samples.encoded(id))/part/0", fields: picture).status, 200)
    }

    func testTheConfiguredOriginsPagesReadTheAPI() throws {
        let fields = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"]
        let api = try APIServer(corsOrigin: origin)
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: fields + ["Origin: \(origin)"]).status, 200)
        XCTAssertEqual(
            try api.ask("GET", "/api/v2/messages", fields: fields + ["Origin: http://x.example"]).status, 403)
        XCTAssertEqual(
            try APIServer(corsOrigin: "*").ask("GET", "/api/v2/messages", fields: fields + ["Origin: null"]).status, 200
        )
    }

    func testTheConfiguredOriginMayUseTheAPIOnly() throws {
        for configured in [origin, "*"] {
            let api = try APIServer(corsOrigin: configured)
            try api.capture("x")
            for path in ["/delete-all", "/mail/x/delete", "/rules"] {
                XCTAssertEqual(try api.ask("POST", path, "", fields: ["Origin: \(origin)"]).status, 403, path)
            }
            XCTAssertEqual(try api.ask("GET", "/events", fields: ["Origin: \(origin)"]).status, 403)
            XCTAssertEqual(api.store.count, 1)
        }
    }

    func testEveryonesPagesMayNotListenWithALoginThatTheBrowserRemembers() throws {
        let api = try APIServer(corsOrigin: "*", logins: try LoginSamples.logins())
        let fields = [LoginSamples.authorization("ann:secret"), "Origin: http://evil.example"]
        for (method, path, more) in sensitive where path.hasPrefix("/api/") {
            XCTAssertEqual(try api.ask(method, path, fields: fields + more).status, 403, "\(method) \(path)")
        }
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: fields).status, 200)
        let named = try APIServer(corsOrigin: origin, logins: try LoginSamples.logins())
        let socket = try named.openWebSocket(fields: [LoginSamples.authorization("ann:secret"), "Origin: \(origin)"])
        XCTAssertTrue(socket.head.hasPrefix("HTTP/1.1 101 "), socket.head)
    }

    func testARefusalSaysWhatToDo() throws {
        let loopback = try APIServer()
        XCTAssertTrue(try loopback.ask("GET", "/", host: "mailhog:8025").text.contains("--allow-host mailhog "))
        XCTAssertTrue(try loopback.ask("GET", "/", host: "<b>").text.contains("--allow-host NAME "))
        let api = try APIServer(listeningOn: "0.0.0.0")
        let own = try api.ask(
            "DELETE", "/api/v1/messages", fields: ["Origin: http://mailhog:8025"], host: "mailhog:8025")
        XCTAssertEqual(own.status, 403)
        XCTAssertTrue(own.text.contains("--allow-host mailhog "), own.text)
        XCTAssertEqual(own.field("X-Content-Type-Options"), "nosniff")
        let foreign = try api.ask("DELETE", "/api/v1/messages", fields: ["Origin: http://evil.example"])
        XCTAssertTrue(foreign.text.contains("--cors-origin"), foreign.text)
    }

    func testTheOwnPageAndProgramsMay() throws {
        let api = try APIServer()
        for fields in [["Origin: http://127.0.0.1:\(api.port)"], [], ["Sec-Fetch-Site: same-origin"]] {
            try api.capture("x")
            XCTAssertEqual(try api.ask("DELETE", "/api/v1/messages", fields: fields).status, 200)
            XCTAssertEqual(api.store.count, 0)
            let socket = try api.openWebSocket(fields: fields)
            XCTAssertTrue(socket.head.hasPrefix("HTTP/1.1 101 "))
        }
    }

    func testAConfiguredOriginMayAndAStarMeansAll() throws {
        for (configured, sent, status) in [
            (origin, origin, 200), (origin, "http://app.example", 403), ("*", "http://any.example", 200),
            ("*", "null", 200),
        ] {
            let api = try APIServer(corsOrigin: configured)
            let answer = try api.ask("DELETE", "/api/v1/messages", fields: ["Origin: \(sent)"])
            XCTAssertEqual(answer.status, status, "\(configured) \(sent)")
        }
    }

    func testNamesThatAnAttackerCouldBindToThisMachineAreNotAnswered() throws {
        let loopback = try APIServer()
        for host in [
            "evil.example", "evil.example:\(loopback.port)", "127.0.0.1.evil.example", "localhost.evil.example", "",
            "a@localhost",
        ] {
            for path in ["/", "/api/v1/messages", "/api/v2/websocket", "/api/v1/events"] {
                XCTAssertEqual(try loopback.ask("GET", path, host: host).status, 421, "\(host) \(path)")
            }
        }
        for host in ["localhost", "LOCALHOST:1", "a.localhost", "127.0.0.1", "[::1]:8025", "localhost."] {
            XCTAssertEqual(try loopback.ask("GET", "/api/v1/messages", host: host).status, 200, host)
        }
        // The name in the target counts more than the Host field.
        let stream = try TCPStream.connect(host: "127.0.0.1", port: loopback.port, timeout: .seconds(10))
        let request = "GET http://evil.example/api/v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        try stream.write(Array(request.utf8), deadline: .now + .seconds(10))
        var bytes: [UInt8] = []
        while try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 {}
        XCTAssertTrue(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 421 "))
    }

    func testProgramsMayUseAnyNameWhereOthersCanReachTheServer() throws {
        let api = try APIServer(listeningOn: "0.0.0.0")
        for host in ["mailhog", "mail.internal.example:8025", "10.0.0.1"] {
            XCTAssertEqual(try api.ask("GET", "/api/v1/messages", host: host).status, 200)
            XCTAssertEqual(try api.ask("DELETE", "/api/v1/messages", host: host).status, 200)
        }
        // A page under a name that is not known cannot be told from a rebound one.
        let answer = try api.ask(
            "DELETE", "/api/v1/messages", fields: ["Origin: http://evil.example"], host: "evil.example")
        XCTAssertEqual(answer.status, 403)
    }
}

import MailroomHTTP
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// Who may use the API: other origins, logins, forged requests.
final class MailHogAccessTests: XCTestCase {
    private let origin = "http://app.example:3000"

    // MARK: CORS

    func testNoCORSFieldsAreSentUnlessAnOriginIsConfigured() throws {
        let api = try APIServer()
        for path in ["/api/v1/messages", "/api/v2/messages", "/api/v2/search?kind=to&query=x"] {
            for method in ["GET", "OPTIONS"] {
                let answer = try api.ask(method, path, fields: ["Origin: \(origin)"])
                XCTAssertFalse(answer.head.lowercased().contains("access-control"), answer.head)
            }
        }
    }

    func testCORSFieldsNameTheOriginContentTypeAndTheVersionsMethods() throws {
        let api = try APIServer(corsOrigin: origin)
        let id = try api.capture("Content-Type: multipart/x; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B--")
        let first = "OPTIONS,GET,POST,DELETE"
        let second = "OPTIONS,GET,PUT,POST,DELETE"
        for (method, path, methods) in [
            ("GET", "/api/v1/messages", first), ("OPTIONS", "/api/v1/messages", first),
            ("GET", "/api/v1/messages/\(id)", first), ("GET", "/api/v1/messages/unknown", first),
            ("GET", "/api/v1/messages/\(id)/download", first),
            ("GET", "/api/v1/messages/\(id)/mime/part/0/download", first),
            ("OPTIONS", "/api/v1/messages/\(id)/release", first), ("OPTIONS", "/api/v1/events", first),
            ("POST", "/api/v1/messages/\(id)/release", first), ("DELETE", "/api/v1/messages/\(id)", first),
            ("DELETE", "/api/v1/messages/\(id)", first), ("DELETE", "/api/v1/messages", first),
            ("GET", "/api/v2/messages", second), ("GET", "/api/v2/search?kind=to&query=x", second),
            ("GET", "/api/v2/search", second), ("OPTIONS", "/api/v2/search", second), ("GET", "/api/v2/jim", second),
            ("POST", "/api/v2/jim", second), ("PUT", "/api/v2/jim", second), ("DELETE", "/api/v2/jim", second),
            ("OPTIONS", "/api/v2/jim", second), ("GET", "/api/v2/outgoing-smtp", second),
        ] {
            let answer = try api.ask(method, path, fields: ["Origin: \(origin)"])
            XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Methods"), methods, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Headers"), "Content-Type", "\(method) \(path)")
        }
        let page = try api.ask("GET", "/")
        XCTAssertNil(page.field("Access-Control-Allow-Origin"))
    }

    func testTheRulesHaveTheSameFieldsAsTheRestOfTheAPI() throws {
        let server = try TestServer { $0.corsOrigin = "http://app.example:3000" }
        for (method, path, status) in [
            ("GET", "/api/rules", 200), ("OPTIONS", "/api/rules", 200), ("OPTIONS", "/api/rules/1", 200),
            ("DELETE", "/api/rules/1", 404), ("POST", "/api/rules", 400), ("DELETE", "/api/rules", 200),
        ] {
            let answer = try server.ask(method, path, fields: ["Origin: \(origin)", "Content-Length: 0"])
            XCTAssertEqual(answer.status, status, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin)
            XCTAssertEqual(answer.field("Access-Control-Allow-Methods"), "GET,POST,PUT,DELETE,OPTIONS")
            XCTAssertEqual(answer.field("X-Content-Type-Options"), "nosniff")
        }
        let plain = try TestServer().ask("OPTIONS", "/api/rules")
        XCTAssertEqual(plain.status, 200)
        XCTAssertNil(plain.field("Access-Control-Allow-Origin"))
    }

    func testNoMoreThanAThousandRulesAreTakenOverHTTP() throws {
        let book = RuleBook()
        var routes = HTTPRoutes()
        RuleRoutes(book: book, prefix: "").add(to: &routes)
        func status(_ method: String, _ count: Int) throws -> (Int, String) {
            let body = String(repeating: "rcpt drop\n", count: count)
            let request = try XCTUnwrap(HTTPRequest(method: method, target: "/api/rules", body: Array(body.utf8)))
            let response = routes.answer(to: request)
            guard case .bytes(let bytes) = response.body else { return (response.status, "") }
            return (response.status, String(decoding: bytes, as: UTF8.self))
        }
        let refused = try status("PUT", 1001)
        XCTAssertEqual(refused.0, 400)
        XCTAssertTrue(refused.1.contains("1000"), refused.1)
        XCTAssertEqual(try status("PUT", 999).0, 200)
        XCTAssertEqual(try status("POST", 2).0, 400)
        XCTAssertEqual(try status("POST", 1).0, 201)
        XCTAssertEqual(try status("POST", 1).0, 400)
        XCTAssertEqual(book.rules.count, 1000)
    }

    func testAReleaseThatIsAnsweredLaterHasTheCORSFieldsToo() throws {
        let api = try APIServer(
            corsOrigin: origin, release: { _ in throw CaptureError(code: .misconfigured, description: "no") })
        let id = try api.capture("x")
        let answer = try api.ask(
            "POST", "/api/v1/messages/\(id)/release", "{\"Host\":\"h\",\"Port\":\"1\",\"Email\":\"a@b.example\"}")
        XCTAssertEqual(answer.status, 500)
        XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin)
    }

    // MARK: Logins

    /// The hash of `secret`, as MailHog's command makes it: of cost 4.
    private func logins() throws -> Logins {
        try Logins(
            lines:
                "\r\nann:\(try PasswordHash.make("secret", cost: 4))\n  bob:\(try PasswordHash.make("p:w", cost: 4))\n\n"
        )
    }

    private func authorization(_ login: String) -> String {
        "Authorization: Basic \(Data(login.utf8).base64EncodedString())"
    }

    func testBasicAuthenticationComesBeforeEverythingAndIs401EmptyWithoutARealm() throws {
        let api = try APIServer(prefix: "/p", corsOrigin: origin, logins: try logins())
        for (method, path) in [
            ("GET", "/"), ("GET", "/api/v1/messages"), ("DELETE", "/api/v1/messages"), ("GET", "/api/v1/events"),
            ("GET", "/api/v2/messages"), ("OPTIONS", "/api/v2/messages"), ("GET", "/api/v2/websocket"),
            ("GET", "/nothing"), ("POST", "/api/v2/jim"), ("GET", "/assets/page.css"), ("POST", "/delete-all"),
        ] {
            for fields in [[], [authorization("ann:wrong")], [authorization("eve:secret")], ["Authorization: Basic x"]]
            {
                let answer = try api.ask(method, path, fields: fields)
                XCTAssertEqual(answer.status, 401, "\(method) \(path)")
                XCTAssertEqual(answer.body, [], "\(method) \(path)")
                XCTAssertEqual(answer.field("WWW-Authenticate"), "Basic")
            }
        }
        XCTAssertNil(api.rules.jim)
        for login in ["ann:secret", "bob:p:w"] {
            XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: [authorization(login)]).status, 200)
        }
        let socket = try api.openWebSocket(fields: [authorization("ann:secret")])
        XCTAssertTrue(socket.head.hasPrefix("HTTP/1.1 101 "))
    }

    func testARightPasswordIsRememberedAndAWrongOneIsNot() throws {
        let logins = try logins()
        func check(_ user: String, _ password: String) -> (isRight: Bool, atOnce: Bool) {
            let answer = Shared<Bool?>(nil)
            let done = DispatchSemaphore(value: 0)
            logins.check(user: user, password: password) { verdict in
                answer.change { $0 = verdict == .right }
                done.signal()
            }
            let atOnce = done.wait(timeout: .now()) == .success
            if !atOnce { XCTAssertEqual(done.wait(timeout: .now() + 20), .success) }
            return (answer.current == true, atOnce)
        }
        XCTAssertTrue(check("ann", "secret").isRight)
        let again = check("ann", "secret")
        XCTAssertTrue(again.isRight && again.atOnce)
        XCTAssertFalse(check("ann", "wrong").isRight)
        XCTAssertFalse(check("ann", "").isRight)
        XCTAssertFalse(check("bob", "secret").isRight)
        XCTAssertFalse(check("annsec", "ret").isRight)
        XCTAssertFalse(check("", "").isRight)
        XCTAssertFalse(check("ann", "secret\u{0}").isRight)
    }

    /// A right password's hash that is slow enough for others to queue up behind it.
    private func slowLogins() throws -> Logins {
        try Logins(lines: "ann:\(try PasswordHash.make("secret", cost: 10))\nbob:\(try PasswordHash.make("x", cost: 4))")
    }

    func testFewDifferentLoginsWaitAndFewerOfOneAddress() throws {
        let logins = try slowLogins()
        let verdicts = Shared<[Logins.Verdict]>([])
        let done = DispatchSemaphore(value: 0)
        func check(_ password: String, from address: String) {
            logins.check(user: "ann", password: password, from: address) { verdict in
                verdicts.change { $0.append(verdict) }
                done.signal()
            }
        }
        for number in 0..<40 { check("wrong \(number)", from: "192.0.2.1") }
        XCTAssertLessThanOrEqual(logins.waitingCount, Logins.maximumWaitingOfOneAddress)
        XCTAssertGreaterThanOrEqual(verdicts.current.count { $0 == .busy(retryAfter: 1) }, 30)
        // Others wait for no more than those.
        check("secret", from: "192.0.2.2")
        for number in 0..<40 { check("other \(number)", from: "192.0.2.\(number + 10)") }
        XCTAssertLessThanOrEqual(logins.waitingCount, Logins.maximumWaiting)
        for _ in 0..<81 { XCTAssertEqual(done.wait(timeout: .now() + 60), .success) }
        XCTAssertEqual(verdicts.current.count { $0 == .right }, 1)
        XCTAssertEqual(logins.waitingCount, 0)
    }

    func testEqualLoginsAreCheckedOnce() throws {
        let logins = try slowLogins()
        let verdicts = Shared<[Logins.Verdict]>([])
        let done = DispatchSemaphore(value: 0)
        for _ in 0..<50 {
            logins.check(user: "ann", password: "secret", from: "192.0.2.1") { verdict in
                verdicts.change { $0.append(verdict) }
                done.signal()
            }
        }
        for _ in 0..<50 { XCTAssertEqual(done.wait(timeout: .now() + 60), .success) }
        XCTAssertEqual(verdicts.current, Array(repeating: .right, count: 50))
    }

    func testLoginsOfClientsThatAreGoneDoNotWait() throws {
        let logins = try slowLogins()
        var tokens: [Int] = []
        for number in 0..<10 {
            let token = logins.check(user: "ann", password: "\(number)", from: "192.0.2.\(number)") { _ in }
            tokens.append(try XCTUnwrap(token))
        }
        for token in tokens { logins.giveUp(token) }
        XCTAssertLessThanOrEqual(logins.waitingCount, 1)
    }

    func testAFileOfLoginsMustBeOne() throws {
        for text in ["", "\n\n", "ann", "ann:", "ann:secret", "ann:$1$abc$def", ":::", "ann:$2a$04$short"] {
            XCTAssertThrowsError(try Logins(lines: text), text) {
                XCTAssertEqual(($0 as? CaptureError)?.code, .misconfigured)
                XCTAssertFalse("\($0)".contains("secret"))
            }
        }
        XCTAssertThrowsError(try Logins(file: "/nonexistent/logins"))
    }

    // MARK: Hashes

    func testKnownHashesAreChecked() throws {
        // Published test vectors of bcrypt.
        for (password, hash) in [
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        ] {
            for prefix in ["$2a$", "$2b$", "$2y$"] {
                let text = prefix + hash.dropFirst(4)
                XCTAssertTrue(PasswordHash.isHash(text))
                XCTAssertTrue(try PasswordHash.verify(password, against: text), text)
                XCTAssertFalse(try PasswordHash.verify(password + "x", against: text), text)
            }
        }
        for text in [
            "", "$2x$05$" + String(repeating: "a", count: 53), "$2a$05$", "*0",
            "$2a$03$" + String(repeating: "a", count: 53),
        ] {
            XCTAssertFalse(PasswordHash.isHash(text), text)
            XCTAssertFalse(try PasswordHash.verify("", against: text), text)
        }
    }

    func testNoWrongPasswordIsRight() throws {
        let hash = try PasswordHash.make("right", cost: 4)
        XCTAssertTrue(try PasswordHash.verify("right", against: hash))
        for number in 0..<500 { XCTAssertFalse(try PasswordHash.verify("wrong \(number)", against: hash)) }
    }

    func testHashesAreThoseOfPythonsBcrypt() throws {
        let python = try Programs.python(with: "bcrypt")
        let mine = try PasswordHash.make("pä$$ w", cost: 4)
        let script = """
            import bcrypt, sys
            assert bcrypt.checkpw("pä$$ w".encode(), sys.argv[1].encode())
            assert not bcrypt.checkpw(b"other", sys.argv[1].encode())
            print(bcrypt.hashpw("grün".encode(), bcrypt.gensalt(4)).decode())
            print(bcrypt.hashpw("grün".encode(), bcrypt.gensalt(4, prefix=b"2a")).decode())
            """
        let result = try Programs.run(python, ["-c", script, mine])
        XCTAssertEqual(result.status, 0, result.errors)
        let theirs = result.output.split(separator: "\n").map(String.init)
        XCTAssertEqual(theirs.count, 2)
        for hash in theirs {
            XCTAssertTrue(try PasswordHash.verify("grün", against: hash), hash)
            XCTAssertFalse(try PasswordHash.verify("gruen", against: hash), hash)
        }
    }

    func testHashesAreSaltedAndOfTheCostAskedFor() throws {
        let (one, other) = (try PasswordHash.make("x", cost: 5), try PasswordHash.make("x", cost: 5))
        XCTAssertNotEqual(one, other)
        XCTAssertTrue(one.hasPrefix("$2a$05$"))
        XCTAssertThrowsError(try PasswordHash.make("x", cost: 3))
        XCTAssertThrowsError(try PasswordHash.make("x\u{0}", cost: 4))
        XCTAssertThrowsError(try PasswordHash.make(String(repeating: "x", count: 73), cost: 4))
    }

    // MARK: Foreign pages

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
                    (["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"], 200), (["Sec-Fetch-Mode: navigate"], 200),
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
        XCTAssertEqual(try api.ask("GET", "/", fields: picture).status, 200)
    }

    func testTheConfiguredOriginsPagesReadTheAPI() throws {
        let fields = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"]
        let api = try APIServer(corsOrigin: origin)
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: fields + ["Origin: \(origin)"]).status, 200)
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: fields + ["Origin: http://x.example"]).status, 403)
        XCTAssertEqual(
            try APIServer(corsOrigin: "*").ask("GET", "/api/v2/messages", fields: fields + ["Origin: null"]).status, 200)
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
        let api = try APIServer(corsOrigin: "*", logins: try logins())
        let fields = [authorization("ann:secret"), "Origin: http://evil.example"]
        for (method, path, more) in sensitive where path.hasPrefix("/api/") {
            XCTAssertEqual(try api.ask(method, path, fields: fields + more).status, 403, "\(method) \(path)")
        }
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages", fields: fields).status, 200)
        let named = try APIServer(corsOrigin: origin, logins: try logins())
        let socket = try named.openWebSocket(fields: [authorization("ann:secret"), "Origin: \(origin)"])
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

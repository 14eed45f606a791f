import MailroomHTTP
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// Who is let in.
final class MailHogLoginTests: XCTestCase {
    func testBasicAuthenticationComesBeforeEverythingAndIs401EmptyWithoutARealm() throws {
        let api = try APIServer(prefix: "/p", corsOrigin: "http://app.example:3000", logins: try LoginSamples.logins())
        for (method, path) in [
            ("GET", "/"), ("GET", "/api/v1/messages"), ("DELETE", "/api/v1/messages"), ("GET", "/api/v1/events"),
            ("GET", "/api/v2/messages"), ("OPTIONS", "/api/v2/messages"), ("GET", "/api/v2/websocket"),
            ("GET", "/nothing"), ("POST", "/api/v2/jim"), ("GET", "/assets/page.css"), ("POST", "/delete-all"),
        ] {
            for fields in [
                [], [LoginSamples.authorization("ann:wrong")], [LoginSamples.authorization("eve:secret")],
                ["Authorization: Basic x"],
            ] {
                let answer = try api.ask(method, path, fields: fields)
                XCTAssertEqual(answer.status, 401, "\(method) \(path)")
                XCTAssertEqual(answer.body, [], "\(method) \(path)")
                XCTAssertEqual(answer.field("WWW-Authenticate"), "Basic")
            }
        }
        XCTAssertNil(api.rules.jim)
        for login in ["ann:secret", "bob:p:w"] {
            XCTAssertEqual(
                try api.ask("GET", "/api/v2/messages", fields: [LoginSamples.authorization(login)]).status, 200)
        }
        let socket = try api.openWebSocket(fields: [LoginSamples.authorization("ann:secret")])
        XCTAssertTrue(socket.head.hasPrefix("HTTP/1.1 101 "))
    }

    func testARightPasswordIsRememberedAndAWrongOneIsNot() throws {
        let logins = try LoginSamples.logins()
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
        try Logins(
            lines: "ann:\(try PasswordHash.make("secret", cost: 10))\nbob:\(try PasswordHash.make("x", cost: 4))")
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
}

/// Logins as the API's tests have them.
enum LoginSamples {
    /// The hash of `secret`, as MailHog's command makes it: of cost 4.
    static func logins() throws -> Logins {
        try Logins(
            lines:
                "\r\nann:\(try PasswordHash.make("secret", cost: 4))\n  bob:\(try PasswordHash.make("p:w", cost: 4))\n\n"
        )
    }

    static func authorization(_ login: String) -> String {
        "Authorization: Basic \(Data(login.utf8).base64EncodedString())"
    }
}

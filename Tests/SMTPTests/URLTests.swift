import Mailroom
import XCTest

@testable import MailroomSMTP

final class URLTests: XCTestCase {
    private let schemes = AdapterSchemes(transports: [.smtp, .smtps])

    private func configuration(_ url: String) throws -> SMTPConfiguration {
        try XCTUnwrap(schemes.transport(url) as? SMTPTransport).configuration
    }

    private func problems(_ url: String) -> String {
        do {
            _ = try schemes.transport(url)
            return ""
        } catch {
            return error.description
        }
    }

    func testAURLSaysAll() throws {
        let plain = try configuration("smtp://mail.example.org")
        XCTAssertEqual(plain.host, "mail.example.org")
        XCTAssertEqual(plain.port, 25)
        XCTAssertEqual(plain.security, .whenOffered)
        XCTAssertNil(plain.credentials)
        let full = try configuration(
            "smtp://user%40x:p%40ss+w%2Brd@host:587?tls=required&ca=/a%20b/ca.pem&certificate=/c.pem&key=/k.pem&auth=cram-md5"
                + "&name=me.example.org&connections=3&messages=7&idle=5s&lifetime=2m&connect=1s&greeting=2s&command=3s"
                + "&data=1500ms&dot=5m&pipelining=within&chunking=on&notify=failure,delay&return=header")
        XCTAssertEqual(full.port, 587)
        XCTAssertEqual(full.security.mode, .required)
        XCTAssertEqual(full.security.trustFile, "/a b/ca.pem")
        XCTAssertEqual(full.security.certificateFile, "/c.pem")
        XCTAssertEqual(full.security.keyFile, "/k.pem")
        XCTAssertEqual(full.credentials?.user, "user@x")
        XCTAssertEqual(full.credentials?.mechanism, .cramMD5)
        guard case .password(let password)? = full.credentials?.secret else { return XCTFail("no password") }
        XCTAssertEqual(password, "p@ss+w+rd", "a plus is a plus")
        XCTAssertEqual(full.clientName, "me.example.org")
        XCTAssertEqual(full.maximumConnections, 3)
        XCTAssertEqual(full.messagesPerConnection, 7)
        XCTAssertEqual(full.idleTimeout, .seconds(5))
        XCTAssertEqual(full.connectionLifetime, .seconds(120))
        XCTAssertEqual(
            full.timeouts,
            SMTPTimeouts(
                connect: .seconds(1), greeting: .seconds(2), command: .seconds(3), data: .milliseconds(1500),
                finalDot: .seconds(300)))
        XCTAssertTrue(full.pipelines)
        XCTAssertFalse(full.pipelinesAcrossMessages)
        XCTAssertTrue(full.chunks)
        XCTAssertEqual(full.notifications, SMTPNotifications(on: [.failure, .delay], content: .header))
    }

    func testSmtpsIsTLSFromTheFirstOctetOn() throws {
        let configuration = try configuration("smtps://[::1]?verify=off")
        XCTAssertEqual(configuration.port, 465)
        XCTAssertEqual(configuration.security.mode, .implicit)
        XCTAssertFalse(configuration.security.verifiesCertificate)
        XCTAssertEqual(configuration.route, "smtps://[::1]:465")
        XCTAssert(problems("smtps://host?tls=required").contains("there is no option"))
    }

    func testWhatIsWrongIsSaidByNameAndAllAtOnce() {
        for (url, words) in [
            ("smtp:", "names no host"), ("smtp://h?tsl=off", "there is no option \"tsl\""),
            ("smtp://h?tls=on", "tls is required or offered or off"), ("smtp://h?idle=5", "idle is a time in"),
            ("smtp://h?connections=0", "connections is a whole number"), ("smtp://h/inbox", "a path means nothing"),
            ("smtp://user@h", "a user without a password"), ("smtp://h?auth=plain", "auth needs user and password"),
            ("smtp://u:p@h?auth=gssapi", "auth is plain or login or cram-md5 or xoauth2"),
            ("smtp://h?notify=sometimes", "notify is never, or"), ("smtp://h?return=full", "return says nothing"),
            ("smtp://h?tls=off&tls=required", "more than once"),
        ] {
            XCTAssert(problems(url).contains(words), "\(url): \(problems(url))")
        }
        let many = problems("smtp://h/x?tls=1&idle=2&auth=plain")
        XCTAssertEqual(many.split(separator: "\n").count, 4, many)
    }

    func testTimesThatAreNoneAreSaidTogetherWithThoseThatAreNotTimes() {
        let found = problems("smtp://h?connect=0s&greeting=-1s&dot=0ms").split(separator: "\n")
        XCTAssertEqual(found.count, 3, "\(found)")
        for (name, problem) in zip(["connect", "greeting", "dot"], found) {
            XCTAssert(problem.hasSuffix("\(name) is a time in ms, s, m, h or d above zero, such as 30s"), "\(problem)")
        }
    }

    func testNoErrorHoldsAPassword() {
        for password in [
            "hunter2", "hunter2/x", "x/hunter2", "hunter2@x", "x?hunter2", "12/hunter2", "hunter2%", "a:hunter2",
        ] {
            for rest in ["@h", "@h:x", "@h?tls=1", "@h?hunter=1", "@h/x", "@", "@h:99999", "@h?auth=none"] {
                let url = "smtp://user:\(password)\(rest)"
                XCTAssertFalse(problems(url).contains("hunter2"), "\(url): \(problems(url))")
                let composed = "failover(\(url),smtp://b)"
                XCTAssertFalse(problems(composed).contains("hunter2"), "\(composed): \(problems(composed))")
            }
        }
    }

    func testCredentialsInTheClearAreRefusedWhenThePipelineIsBuilt() throws {
        for (url, isSound) in [
            ("smtp://u:p@mail.example.org?tls=off", false), ("smtp://u:p@mail.example.org", true),
            ("smtp://u:p@127.0.0.1?tls=off", true), ("smtp://u:p@localhost?tls=off", true),
            ("smtp://u:p@mail.example.org?tls=required&key=/k", false),
        ] {
            let found = try configuration(url).problems(in: PipelineLimits())
            XCTAssertEqual(found.isEmpty, isSound, "\(url): \(found)")
        }
    }
}

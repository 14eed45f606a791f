import Foundation
import Mailroom
import TestSupport
import XCTest

@testable import MailroomRedisBroker

final class RedisLoginTests: XCTestCase {
    /// What the documentation says a user needs.
    private static let rights = ["+@all", "-@admin", "-@dangerous", "+info", "+role", "~{club}*"]

    func testLogsInAsAUserWithFewRights() async throws {
        let server = try RedisServer()
        try server.ask("CONFIG", "SET", "busy-reply-threshold", "5000")
        _ = try Programs.run(
            "redis-cli", ["-p", String(server.port), "ACL", "SETUSER", "club", "on", ">p@ss w"] + Self.rights)
        let broker = server.broker("club") { ($0.user, $0.password) = ("club", "p@ss w") }
        var submission = makeSubmission(attachments: [Attachment.Content([1])], key: "k")
        submission.tags = ["club": "x"]
        let waiting = Task { try await broker.lease(LeaseRequest(wait: .seconds(20), worker: "w")) }
        _ = try await broker.enqueue([submission])
        let leases = try await waiting.value
        let lost = try await broker.extend(leases.map(\.id), by: .seconds(30))
        XCTAssertEqual(lost, [])
        _ = try await broker.settle([Settlement(leases[0].id, next: .dead, reason: "no")])
        _ = try await broker.jobs(matching: JobQuery())
        _ = try await broker.workers()
        _ = try await broker.counts()
        let start = EventCursor(rawValue: "0-0")
        let events = try await broker.events(after: start, limit: 10, wait: .zero)
        XCTAssertEqual(events.events.map(\.kind), [.submitted, .dead])
        _ = try await broker.erase(recipient: "ann@example.org")
        _ = try await broker.prune(settledBefore: .distantFuture, states: [.dead])
        let check = await broker.checkConnection(until: .now + .seconds(10))[0]
        XCTAssertNil(check.problem)
        XCTAssertEqual(check.findings.first { $0.name == "logged in" }?.value, "club")
        XCTAssertEqual(check.findings.first { $0.name == "not allowed" }?.value.hasPrefix("CONFIG: "), true, "\(check)")
        await broker.shutdown()
    }

    func testSaysWhatIsWrongWithUserAndPassword() async throws {
        let server = try RedisServer()
        _ = try Programs.run(
            "redis-cli", ["-p", String(server.port), "ACL", "SETUSER", "poor", "on", ">p", "~*", "+ping"])
        try server.ask("CONFIG", "SET", "requirepass", "secret")
        let cases: [(user: String?, password: String?, word: String)] = [
            (nil, nil, "wants a password"), (nil, "wrong", "does not take"), ("nobody", "secret", "does not take"),
            ("poor", "p", "access list"),
        ]
        for (user, password, word) in cases {
            let broker = server.broker { ($0.user, $0.password) = (user, password) }
            let error = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
            XCTAssertEqual(error?.code, .unavailable)
            XCTAssertEqual(error?.mayHaveStored, false, "\(error as Any)")
            XCTAssertEqual(error?.reason.contains(word), true, "\(error as Any)")
            let check = await broker.checkConnection(until: .now + .seconds(10))[0]
            XCTAssertEqual(check.problem?.contains(word), true, "\(check)")
            await broker.shutdown()
        }
        let broker = server.broker { $0.password = "secret" }
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
    }

    func testSaysThatTheServerTakesNoMoreConnections() async throws {
        let server = try RedisServer(["--maxclients", "1"])
        let first = server.broker { $0.connections = 1 }
        var isFirst = false
        // The program that asked whether the server is up may still be leaving.
        while !isFirst { isFirst = (try? await first.counts()) != nil }
        let second = server.broker()
        let error = await brokerError { _ = try await second.enqueue([makeSubmission()]) }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, false)
        XCTAssertEqual(error?.reason.contains("maxclients"), true, "\(error as Any)")
        await first.shutdown()
        await second.shutdown()
    }

    func testEncryptsAndChecksTheCertificate() async throws {
        let trust = try TestTrust(names: ["localhost"])
        let plain = try RedisServer([
            "--tls-cert-file", trust.file.path, "--tls-key-file", trust.keyFile.path, "--tls-auth-clients", "no",
        ])
        let port = try ClosedPort().port
        let answer = try plain.ask("CONFIG", "SET", "tls-port", String(port))
        guard answer == "OK" else { throw lacking("redis-server without TLS, or a taken port: \(answer)") }
        try plain.ask("CONFIG", "SET", "requirepass", "secret")
        func broker(_ host: String, _ security: RedisSecurity) -> RedisBroker {
            var configuration = RedisConfiguration(host: host, port: port, security: security)
            configuration.password = "secret"
            return RedisBroker(configuration)
        }
        var security = RedisSecurity.encrypted
        security.trustFile = trust.file.path
        let good = broker("localhost", security)
        _ = try await good.enqueue((0..<20).map { _ in makeSubmission(payload: [UInt8](repeating: 1, count: 20_000)) })
        let waiting = Task {
            try await good.lease(LeaseRequest(queues: ["other"], wait: .seconds(20), worker: "w"))
        }
        let done = try await good.drain()
        XCTAssertEqual(done.count, 20)
        _ = try await good.enqueue([makeSubmission(queue: "other")])
        let leases = try await waiting.value
        XCTAssertEqual(leases.count, 1)
        let check = await good.checkConnection(until: .now + .seconds(10))[0]
        XCTAssertEqual(check.findings.first { $0.name == "TLS" }?.value.hasPrefix("TLSv1"), true)
        await good.shutdown()

        for (host, wrong) in [("127.0.0.1", security), ("localhost", .encrypted), ("localhost", .unencrypted)] {
            let bad = broker(host, wrong)
            let error = await brokerError { _ = try await bad.counts() }
            XCTAssertEqual(error?.code, .unavailable)
            XCTAssertEqual(error?.mayHaveStored, false)
            await bad.shutdown()
        }
        var unchecked = RedisSecurity.encrypted
        unchecked.verifiesCertificate = false
        let trusting = broker("127.0.0.1", unchecked)
        _ = try await trusting.counts()
        await trusting.shutdown()
    }

    func testTellsWhatTheServerIsAndWhatItPromises() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        func findings() async -> [String: String] {
            let check = await broker.checkConnection(until: .now + .seconds(10))[0]
            XCTAssertNil(check.problem)
            return Dictionary(check.findings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        }
        let first = await findings()
        XCTAssert(["Redis 7", "Valkey "].contains { first["server"]?.hasPrefix($0) == true }, "\(first)")
        XCTAssertEqual(first["role"], "master")
        XCTAssertEqual(first["memory"]?.hasPrefix("noeviction"), true)
        XCTAssertEqual(first["persistence"]?.hasPrefix("warning: none"), true)
        let steps: [(name: String, value: String, finding: String, word: String)] = [
            ("save", "3600 1", "persistence", "warning: snapshots alone"),
            ("appendonly", "yes", "persistence", "about the latest second"),
            ("appendfsync", "always", "persistence", "what was acknowledged is on the server's disk"),
            ("appendfsync", "no", "persistence", "warning: appendonly yes, appendfsync no"),
            ("maxmemory-policy", "allkeys-lru", "memory", "warning: maxmemory-policy is allkeys-lru"),
        ]
        for (name, value, finding, word) in steps {
            try server.ask("CONFIG", "SET", name, value)
            let found = await findings()
            XCTAssertEqual(found[finding]?.contains(word), true, "\(found)")
        }
        let closed = try ClosedPort()
        let nobody = RedisBroker(RedisConfiguration(host: "127.0.0.1", port: closed.port))
        let check = await nobody.checkConnection(until: .now + .seconds(10))[0]
        XCTAssertEqual(check.problem?.contains("nothing listens there"), true, "\(check)")
        await broker.shutdown()
    }

    func testKeepsDatabasesAndPrefixesApart() async throws {
        let server = try RedisServer()
        let brokers = [server.broker("a"), server.broker("b"), server.broker("a") { $0.database = 3 }]
        for broker in brokers { _ = try await broker.enqueue([makeSubmission(key: "k")]) }
        for broker in brokers {
            let done = try await broker.drain()
            XCTAssertEqual(done.count, 1)
            await broker.shutdown()
        }
    }
}

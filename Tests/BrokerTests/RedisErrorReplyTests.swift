import Foundation
import Mailroom
import XCTest

@testable import MailroomRedisBroker

final class RedisErrorReplyTests: XCTestCase {
    /// What is done about each reply of a real server: the reaction, the code, and whether something may be stored.
    private let table: [(text: String, ErrorReply.Reaction, BrokerError.Code, mayHaveStored: Bool)] = [
        ("NOAUTH Authentication required.", .reconnect, .unavailable, false),
        ("WRONGPASS invalid username-password pair or user is disabled.", .fail, .unavailable, false),
        ("NOPERM this user has no permissions to run the 'evalsha' command", .fail, .unavailable, false),
        ("NOPERM this user has no permissions script: 12, on @user_script:3.", .fail, .unavailable, true),
        ("NOSCRIPT No matching script. Please use EVAL.", .sendWhole, .unavailable, false),
        ("OOM command not allowed when used memory > 'maxmemory'.", .fail, .full, false),
        ("MISCONF Redis is configured to save RDB snapshots, but", .fail, .unavailable, false),
        ("LOADING Redis is loading the dataset in memory", .pause, .unavailable, false),
        ("BUSY Redis is busy running a script.", .pause, .unavailable, false),
        ("MASTERDOWN Link with MASTER is down", .pause, .unavailable, false),
        ("NOREPLICAS Not enough good replicas to write.", .pause, .unavailable, false),
        ("CLUSTERDOWN The cluster is down", .pause, .unavailable, false),
        ("READONLY You can't write against a read only replica.", .reconnect, .unavailable, false),
        ("MOVED 3999 127.0.0.1:6381", .fail, .unavailable, false),
        ("ERR max number of clients reached", .fail, .unavailable, false),
        ("ERR unknown command 'EVALSHA', with args beginning with: ", .fail, .unsupported, false),
        ("WRONGTYPE Operation against a key script: 12, on @user_script:3.", .fail, .corrupt, true),
        ("NOGROUP No such key 'q' or consumer group 'nog'", .fail, .corrupt, true),
        ("ERR something new", .fail, .unavailable, true),
        ("", .fail, .unavailable, true),
    ]

    func testHasADecidedReactionToEachReply() {
        for (text, reaction, code, mayHaveStored) in table {
            let reply = ErrorReply(text)
            let error = reply.brokerError("redis://host:6379/0")
            XCTAssertEqual(reply.reaction, reaction, text)
            XCTAssertEqual(error.code, code, text)
            XCTAssertEqual(error.mayHaveStored, mayHaveStored, text)
            XCTAssertTrue(error.reason.hasPrefix("redis://host:6379/0: "), error.reason)
        }
    }

    /// The words that Redis 7.0.15 answered with where it refused something, on a server of its own for each.
    private let answered = [
        "NOAUTH Authentication required.",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "NOPERM this user has no permissions to run the 'xadd' command",
        "NOGROUP No such key 'q' or consumer group 'nog' in XREADGROUP with GROUP option",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "ERR unknown command 'FOO', with args beginning with: ",
        "NOSCRIPT No matching script. Please use EVAL.",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "ERR max number of clients reached",
        "READONLY You can't write against a read only replica.",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "NOREPLICAS Not enough good replicas to write.",
        "CLUSTERDOWN The cluster is down",
        "CLUSTERDOWN Hash slot not served",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        "LOADING Redis is loading the dataset in memory",
    ]

    func testTellsWhatToDoAboutEveryRefusalOfARealServer() {
        let unknown = ErrorReply("NEWCODE nobody knows this").brokerError("redis")
        for text in answered {
            let error = ErrorReply(text).brokerError("redis")
            let isTold = error.reason.prefix { $0 != "(" } != unknown.reason.prefix { $0 != "(" }
            XCTAssert(isTold || ErrorReply(text).reaction == .sendWhole, "nobody is told what to do about \(text)")
            let decided = table.filter { text.hasPrefix($0.text.prefix { $0 != " " }) && !$0.text.isEmpty }
            XCTAssert(
                decided.contains { $0.1 == ErrorReply(text).reaction && $0.2 == error.code }, "no reaction to \(text)")
        }
        XCTAssertEqual(answered.filter { ErrorReply($0).reaction == .pause }.count, 6)
    }

    func testKnowsEveryReplyOfTheRecordingsThatAreHere() throws {
        for code in try recordedCodes() where code != "BUSYGROUP" {
            XCTAssertTrue(table.contains { $0.text.hasPrefix(code) }, "no reaction to \(code)")
            XCTAssertTrue(code == "ERR" || answered.contains { $0.hasPrefix(code) }, "\(code) is not looked at")
        }
    }

    /// The first words of the replies that were recorded, and of those above where no recording is here.
    private func recordedCodes() throws -> Set<Substring> {
        let known = Set(answered.map { $0.prefix { $0 != " " } })
        let shared = ProcessInfo.processInfo.environment["MAILROOM_MATERIAL"].map { URL(filePath: $0) }
        let package = (0..<3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let folder = shared ?? package.deletingLastPathComponent().appending(path: "shared/material")
        let file = folder.appending(path: "redis/redis-7.0-error-replies.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return known }
        let codes = text.split(separator: "\n").compactMap { line -> Substring? in
            guard let start = line.firstRange(of: "'-") ?? line.firstRange(of: "\"-") else { return nil }
            return line[start.upperBound...].prefix { $0 != " " }
        }
        XCTAssertGreaterThan(codes.count, 15)
        return known.union(codes)
    }

    func testShowsNoPasswordInErrorsAndDescriptions() async throws {
        let server = try ScriptedRedis { _ in .answer("-ERR broken\r\n") }
        defer { server.stop() }
        var configuration = RedisConfiguration(host: "127.0.0.1", port: server.port)
        configuration.user = "club"
        configuration.password = "s3cret!"
        let broker = RedisBroker(configuration)
        let error = await brokerError { _ = try await broker.counts() }
        let checks = await broker.checkConnection(until: .now + .seconds(5))
        await broker.shutdown()
        for text in [
            "\(configuration)", "\(configuration as Any)", String(reflecting: configuration), "\(error as Any)",
            "\(checks)",
        ] {
            XCTAssertFalse(text.contains("s3cret!"), text)
        }
    }

    func testSendsAPasswordInTheClearToThisMachineAlone() {
        var configuration = RedisConfiguration(host: "redis.example.org")
        configuration.password = "secret"
        XCTAssertEqual(configuration.problems.map(\.subject), ["redis password"])
        configuration.security = .encrypted
        XCTAssertEqual(configuration.problems, [])
        configuration.security = .unencrypted
        configuration.host = "127.0.0.1"
        XCTAssertEqual(configuration.problems, [])
    }

    func testReadsEverythingThatAURLSays() throws {
        let schemes = AdapterSchemes(brokers: [.redis, .rediss])
        let url =
            "rediss://us%40er:p%2Fw@db.example.org:7000/3?prefix=club&connections=4&connect=2s&timeout=7s&verify=off&ca=/ca"
        let configuration = try XCTUnwrap(try schemes.broker(url).broker as? RedisBroker).configuration
        XCTAssertEqual(configuration.host, "db.example.org")
        XCTAssertEqual(configuration.port, 7000)
        XCTAssertEqual(configuration.user, "us@er")
        XCTAssertEqual(configuration.password, "p/w")
        XCTAssertEqual(configuration.database, 3)
        XCTAssertEqual(configuration.prefix, "club")
        XCTAssertEqual(configuration.connections, 4)
        XCTAssertEqual(configuration.connectTimeout, .seconds(2))
        XCTAssertEqual(configuration.commandTimeout, .seconds(7))
        XCTAssertTrue(configuration.security.isEncrypted)
        XCTAssertFalse(configuration.security.verifiesCertificate)
        XCTAssertEqual(configuration.security.trustFile, "/ca")
        let plain = try XCTUnwrap(try schemes.broker("redis://localhost").broker as? RedisBroker).configuration
        XCTAssertEqual("\(plain)", "redis://localhost:6379/0?prefix=mailroom")
        for wrong in ["redis:", "redis://h/x", "redis://h?ca=x", "redis://h?connections=0", "redis://user@h"] {
            XCTAssertThrowsError(try schemes.broker(wrong), wrong)
        }
    }
}

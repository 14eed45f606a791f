import Foundation
import Mailroom
import MailroomTesting
import TestSupport
import XCTest

@testable import MailroomRedisBroker

/// What a person did, where the answer was lost: it was done once, and the error says that it may have been.
final class RedisDoubtTests: XCTestCase {
    func testACancellationIsMadeOnceWhereverItsAnswerIsCut() async throws {
        let server = try RedisServer()
        for length in 1...7 {
            let (prefix, job) = ("cancel-\(length)", makeSubmission())
            let direct = server.broker(prefix)
            _ = try await direct.enqueue([job])
            try await assertInDoubt(server, prefix, cut: length) { _ = try await $0.cancel([job.id], reason: "no") }
            let record = try await direct.records(of: [job.id])[0]
            XCTAssertEqual(record?.state, .dead)
            let again = try await direct.cancel([job.id], reason: "no")
            XCTAssertEqual(again, [])
            await direct.shutdown()
        }
    }

    func testARetryIsMadeOnceWhereverItsAnswerIsCut() async throws {
        let server = try RedisServer()
        for length in 1...7 {
            let (prefix, job) = ("retry-\(length)", makeSubmission())
            let direct = server.broker(prefix)
            _ = try await direct.enqueue([job])
            _ = try await direct.cancel([job.id], reason: "no")
            try await assertInDoubt(server, prefix, cut: length) { _ = try await $0.retry([job.id]) }
            let record = try await direct.records(of: [job.id])[0]
            XCTAssertEqual(record?.state, .ready)
            await direct.shutdown()
        }
    }

    func testForgettingAndPruningAreDoneOnceWhereverTheAnswerIsCut() async throws {
        let server = try RedisServer()
        for length in 1...7 {
            let prefix = "remove-\(length)"
            let (one, other) = (makeSubmission(), makeSubmission())
            let direct = server.broker(prefix)
            _ = try await direct.enqueue([one, other])
            _ = try await direct.cancel([one.id, other.id], reason: "no")
            try await assertInDoubt(server, prefix, cut: length) { _ = try await $0.forget([one.id], in: [.dead]) }
            let left = try await direct.jobs(matching: JobQuery()).jobs.map(\.id)
            XCTAssertEqual(left, [other.id])
            try await assertInDoubt(server, prefix, cut: length) {
                _ = try await $0.prune(settledBefore: .distantFuture, states: [.dead])
            }
            let counts = try await direct.counts()
            XCTAssertEqual(counts, [])
            await direct.shutdown()
        }
    }

    func testErasingIsDoneOnceWhereItsAnswerIsLost() async throws {
        let server = try RedisServer()
        let direct = server.broker("erase")
        for _ in 0..<5 {
            let job = makeSubmission()
            _ = try await direct.enqueue([job])
            // It looks for the jobs first, and is answered.
            let proxy = try RedisProxy(to: server.port, keepingBack: 2)
            try await assertInDoubt(server, "erase", through: proxy.port) {
                _ = try await $0.erase(recipient: job.recipients[0].address)
            }
            proxy.stop()
            let counts = try await direct.counts()
            XCTAssertEqual(counts, [])
        }
        await direct.shutdown()
    }

    func testWhereNothingLeftNothingIsInDoubt() async throws {
        let closed = try ClosedPort()
        let broker = RedisBroker(RedisConfiguration(host: "127.0.0.1", port: closed.port))
        let error = await brokerError { _ = try await broker.retry([makeSubmission().id]) }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, false)
        await broker.shutdown()
    }

    func testAnActIsMadeAgainWhereTheServerRefusedItBeforehand() async throws {
        let server = try ScriptedRedis { heard in
            switch heard.connection {
            case 0: .cut(after: "-READONLY You can't write against a read only replica.\r\n")
            case 1: .answer(heard.words[0] == "EVAL" ? "*1\r\n:0\r\n" : "-NOSCRIPT No matching script.\r\n")
            default: .cut(after: "")
            }
        }
        defer { server.stop() }
        let broker = RedisBroker(RedisConfiguration(host: "127.0.0.1", port: server.port))
        let job = makeSubmission().id
        let done = try await broker.retry([job])
        XCTAssertEqual(done, [job])
        XCTAssertEqual(server.commands.map { $0.words[0] }, ["EVALSHA", "EVALSHA", "EVAL"])
        await broker.shutdown()
    }

    /// Has the answer to something cut; it must throw, and not be done again.
    private func assertInDoubt(
        _ server: RedisServer, _ prefix: String, cut length: Int, file: StaticString = #filePath, line: UInt = #line,
        _ body: (RedisBroker) async throws -> Void
    ) async throws {
        // Else the answer that is cut would be that the script is not known.
        let loading = server.broker("loading")
        _ = try await loading.retry([makeSubmission().id])
        _ = try await loading.prune(settledBefore: .distantPast, states: [.dead])
        await loading.shutdown()
        let proxy = try RedisProxy(to: server.port, cuttingAfter: [length])
        try await assertInDoubt(server, prefix, through: proxy.port, file: file, line: line, body)
        proxy.stop()
    }

    private func assertInDoubt(
        _ server: RedisServer, _ prefix: String, through port: Int, file: StaticString = #filePath, line: UInt = #line,
        _ body: (RedisBroker) async throws -> Void
    ) async throws {
        let broker = server.broker(prefix) { $0.port = port }
        let error = await brokerError(file: file, line: line) { try await body(broker) }
        XCTAssertEqual(error?.code, .unavailable, file: file, line: line)
        XCTAssertEqual(error?.mayHaveStored, true, file: file, line: line)
        XCTAssertEqual(error?.reason.contains("the answer was lost"), true, "\(error as Any)", file: file, line: line)
        XCTAssertEqual(error?.reason.contains("before doing it again"), true, file: file, line: line)
        await broker.shutdown()
    }
}

import Foundation
import Mailroom
import TestSupport
import XCTest

@testable import MailroomRedisBroker

final class RedisEventTests: XCTestCase {
    func testTellsWhatAnotherProcessDid() async throws {
        let server = try RedisServer()
        let (one, other) = (server.broker(), server.broker())
        let start = try await one.latestEvent()
        let following = Task { try await one.events(after: start, limit: 10, wait: .seconds(30)) }
        let submission = makeSubmission()
        _ = try await other.enqueue([submission])
        let first = try await following.value
        XCTAssertEqual(first.events.map(\.kind), [.submitted])
        XCTAssertEqual(first.events.map(\.job), [submission.id])
        XCTAssertEqual(first.events[0].time.milliseconds, submission.createdAt.milliseconds)
        XCTAssertFalse(first.hasGap)
        let done = try await other.drain()
        XCTAssertEqual(done, [submission.id])
        let second = try await one.events(after: first.next, limit: 10, wait: .seconds(30))
        XCTAssertEqual(second.events.map(\.kind), [.finished])
        let third = try await one.events(after: second.next, limit: 10, wait: .milliseconds(1))
        XCTAssertEqual(third.events, [])
        XCTAssertFalse(third.hasGap)
        XCTAssertEqual(third.next, second.next)
        await one.shutdown()
        await other.shutdown()
    }

    func testReadsEventsOfOneCallInParts() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        let start = try await broker.latestEvent()
        let submissions = (0..<250).map { _ in makeSubmission() }
        _ = try await broker.enqueue(submissions)
        var seen: [JobID] = []
        var cursor = start
        while seen.count < 250 {
            let batch = try await broker.events(after: cursor, limit: 33, wait: .zero)
            XCTAssertFalse(batch.hasGap)
            XCTAssertLessThanOrEqual(batch.events.count, 33)
            guard !batch.events.isEmpty else { return XCTFail("the feed ended after \(seen.count)") }
            seen += batch.events.map(\.job)
            cursor = batch.next
        }
        XCTAssertEqual(seen, submissions.map(\.id))
        await broker.shutdown()
    }

    func testTellsOfAGapWhereEventsWereTrimmed() async throws {
        let server = try RedisServer()
        let broker = server.broker("gap")
        let start = try await broker.latestEvent()
        for _ in 0..<5 { _ = try await broker.enqueue([makeSubmission()]) }
        let two = try await broker.events(after: start, limit: 2, wait: .zero)
        try server.ask("XTRIM", "{gap}:e", "MAXLEN", "1")
        let late = try await broker.events(after: two.next, limit: 10, wait: .zero)
        XCTAssertTrue(late.hasGap)
        XCTAssertEqual(late.events.count, 1)
        let onward = try await broker.events(after: late.next, limit: 10, wait: .zero)
        XCTAssertFalse(onward.hasGap)
        let fromStart = try await broker.events(after: start, limit: 10, wait: .zero)
        XCTAssertTrue(fromStart.hasGap)
        await broker.shutdown()
    }

    func testAnswersAStrangersCursorAndThatOfAnEmptiedStoreWithAGap() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        _ = try await broker.enqueue([makeSubmission()])
        for text in ["17", "", "x-y", "5-0", "99999999999999-3.1", "1-2-3"] {
            let batch = try await broker.events(after: EventCursor(rawValue: text), limit: 10, wait: .zero)
            XCTAssertTrue(batch.hasGap, text)
            XCTAssertEqual(batch.events.count, 1, text)
        }
        let latest = try await broker.latestEvent()
        try server.ask("FLUSHALL")
        _ = try await broker.enqueue([makeSubmission()])
        let batch = try await broker.events(after: latest, limit: 10, wait: .zero)
        XCTAssertTrue(batch.hasGap)
        XCTAssertEqual(batch.events.count, 1)
        await broker.shutdown()
    }
}

import Foundation
import Mailroom
import MailroomCommands
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

/// Lists that take more than one call.
final class LetterSendingTests: XCTestCase {
    func testMoreLettersThanACallTakesAreAllQueuedAndNeverTwice() async throws {
        let queue = try RedisQueue()
        let folder = TestFolder()
        let count = 10_100
        let list = try folder.file("list.csv", People.csv(count))
        let files = "file:\(folder.path)/queue"
        for broker in [queue.url, files] {
            let first = try await letters(list, broker)
            XCTAssertEqual(first.status, 0, first.errors)
            XCTAssert(first.output.hasPrefix("\(count) letters are being sent"), first.output)
        }
        let second = try await letters(list, files)
        XCTAssertEqual(second.status, 0, second.errors)
        XCTAssert(second.output.hasPrefix("0 letters are being sent"), second.output)
        XCTAssert(second.output.contains("\n\(count) letters were submitted before and are not sent again"))
        let broker = FileBroker(folder: folder.path + "/queue")
        let counts = try await (queue.broker.counts(), broker.counts())
        XCTAssertEqual(counts.0.map { $0[.ready] }, [count])
        XCTAssertEqual(counts.1.map { $0[.ready] }, [count])
        await broker.shutdown()
        await queue.close()
    }

    func testAListThatFailsInTheMiddleIsCompletedByRunningItAgain() async throws {
        let queue = try RedisQueue()
        let folder = TestFolder()
        let count = 4_000
        let list = try folder.file("list.csv", People.csv(count))
        // Room for a part of them.
        let used = try queue.server.ask("INFO", "memory").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("used_memory:") }.flatMap { Int($0.dropFirst(12)) }
        try queue.server.ask("CONFIG", "SET", "maxmemory", "\(try XCTUnwrap(used) + 3 << 20)")
        let first = try await letters(list, queue.url)
        XCTAssertEqual(first.status, 1)
        let stored = try await queue.broker.counts().reduce(0) { $0 + $1[.ready] }
        XCTAssert((500..<count).contains(stored) && stored % 500 == 0, "\(stored)")
        XCTAssert(first.output.hasPrefix("\(stored) letters are being sent"), first.output)
        XCTAssert(first.errors.contains("\(count - stored) letters are not queued: "), first.errors)
        XCTAssert(first.errors.contains("run the same command again"), first.errors)
        try queue.server.ask("CONFIG", "SET", "maxmemory", "0")
        let second = try await letters(list, queue.url)
        XCTAssertEqual(second.status, 0, second.errors)
        XCTAssert(second.output.hasPrefix("\(count - stored) letters are being sent"), second.output)
        XCTAssert(second.output.contains("\n\(stored) letters were submitted before"), second.output)
        let page = try await queue.broker.sends(matching: SendQuery(limit: 10_000))
        XCTAssertEqual(Set(page.map(\.recipient.recipient.address)).count, count)
        XCTAssertEqual(page.count, count)
        await queue.close()
    }

    func testAMendedRowIsSentAndAnotherNameSendsThemAllAgain() async throws {
        let folder = TestFolder()
        let broker = "file:\(folder.path)/queue"
        let head = "email,first_name,last_name,club,season,hours,date\n"
        let row = "ann@example.org,Ann,Martin,Club,2025-2026,1,2026-06-12\n"
        // The same row twice is two letters.
        let list = try folder.file("list.csv", head + row + row + "nobody,Bob,Martin,Club,2025-2026,1,2026-06-12\n")
        let first = try await letters(list, broker)
        XCTAssertEqual(first.status, 1)
        XCTAssert(first.output.hasPrefix("2 letters are being sent"), first.output)
        let mended = try folder.file(
            "list.csv", head + "bob@example.org,Bob,Martin,Club,2025-2026,1,2026-06-12\n" + row + row)
        let second = try await letters(mended, broker)
        XCTAssertEqual(second.status, 0, second.errors)
        XCTAssert(second.output.hasPrefix("1 letters are being sent"), second.output)
        let again = try await letters(mended, broker, "--batch", "reminder")
        XCTAssert(again.output.hasPrefix("3 letters are being sent"), again.output)
        let other = try await letters(mended, broker, "--subject", "Another letter")
        XCTAssert(other.output.hasPrefix("3 letters are being sent"), other.output)
    }

    func testAFilesNameMayStandForTheTemplates() async throws {
        let folder = TestFolder()
        let list = try folder.file("list.csv", People.csv(1))
        let sent = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr.md", "--from", "club@example.org",
            "--broker", "file:\(folder.path)/queue")
        XCTAssertEqual(sent.status, 0, sent.errors)
        XCTAssert(sent.output.hasPrefix("1 letters are being sent"), sent.output)
    }

    func testAPartInDoubtIsToldAndEndsTheSendingAndTheNextRunCompletesIt() async throws {
        for isStored in [true, false] {
            let broker = DoubtfulBroker(from: 2, isStored: isStored)
            let pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).build()
            var sending = LetterSending(by: pipeline, named: "")
            for number in 0..<1_700 { sending.add(letter(number)) }
            await sending.submit()
            XCTAssertEqual(sending.queued.count, 500)
            XCTAssertEqual(
                Array(sending.exceptions.prefix(2)),
                [
                    "500 letters may or may not be queued",
                    "700 letters are not queued: the broker does not answer",
                ])
            XCTAssertEqual(sending.exceptions.count, 3)
            broker.heal()
            var next = LetterSending(by: pipeline, named: "")
            for number in 0..<1_700 { next.add(letter(number)) }
            await next.submit()
            XCTAssertEqual(next.exceptions, [])
            XCTAssertEqual(next.known.count, isStored ? 1_000 : 500)
            XCTAssertEqual(next.queued.count, isStored ? 700 : 1_200)
            await pipeline.shutdown()
        }
    }

    private func letter(_ number: Int) -> LetterList.Letter {
        .init(
            line: number + 2,
            message: Message(
                from: "club@example.org", to: [.to("t\(number)@example.org")], subject: "Hello", text: "\(number)"))
    }

    private func letters(
        _ list: String, _ broker: String, _ more: String...
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(
            [
                "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
                "--broker", broker,
            ] + more)
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }
}

/// A broker in memory that leaves in doubt whether it stored something, from a call on until it is mended.
private final class DoubtfulBroker: Broker {
    private let broker = MemoryBroker()
    private let state: Mutex<(calls: Int, isWell: Bool)> = Mutex((0, false))
    private let first: Int
    private let isStored: Bool

    init(from first: Int, isStored: Bool) {
        self.first = first
        self.isStored = isStored
    }

    func heal() { state.withLock { $0.isWell = true } }

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        let isInDoubt = state.withLock { state in
            state.calls += 1
            return state.calls >= first && !state.isWell
        }
        if isInDoubt {
            if isStored { _ = try await broker.enqueue(submissions) }
            throw BrokerError(.unavailable, "the answer was lost", mayHaveStored: true)
        }
        return try await broker.enqueue(submissions)
    }

    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] { try await broker.lease(request) }

    func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        try await broker.extend(leases, by: duration)
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        try await broker.settle(settlements)
    }

    func shutdown() async { await broker.shutdown() }
}

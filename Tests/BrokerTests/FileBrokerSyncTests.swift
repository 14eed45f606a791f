import Foundation
import Mailroom
import MailroomFiles
import Synchronization
import TestSupport
import XCTest

@testable import MailroomFileBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How calls that wait at one moment share a sync, and what each may conclude from its answer.
final class FileBrokerSyncTests: XCTestCase {
    func testManyCallersShareSyncsAndEachIsAnsweredAfterOneThatBeganAfterItsWrite() async throws {
        let disk = SimulatedDisk()
        let callers = 64
        let rounds = 8
        let presence = Presence()
        // A disk that is slower than whoever writes to it: a sync lasts until all have called again.
        let calls = WatchedCalls(disk.process()) {
            let end = ContinuousClock.now + .seconds(5)
            while !presence.isComplete, .now < end { sched_yield() }
        }
        let broker = FileBroker(
            folder: "/queue", time: .system, segmentSize: 4 << 20, disk: Disk(calls), boot: disk.bootID)
        _ = try await broker.enqueue([makeSubmission()])
        let first = calls.events.count
        presence.change { $0.running = callers }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    defer { presence.change { $0.running -= 1 } }
                    for round in 0..<rounds {
                        let number = caller * rounds + round
                        let submission = makeSubmission(payload: Mark.bytes(number))
                        presence.change { $0.calling += 1 }
                        defer { presence.change { $0.calling -= 1 } }
                        let admissions = try await broker.enqueue([submission])
                        calls.note(.answered(number))
                        XCTAssertEqual(admissions, [.queued(submission.id)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let events = calls.events[first...]
        let syncs = events.count { if case .syncBegan = $0 { true } else { false } }
        XCTAssertLessThan(syncs * 2, callers * rounds, "\(syncs) syncs for \(callers * rounds) calls")
        XCTAssertGreaterThanOrEqual(syncs, rounds, "no caller has two calls in one sync")
        // The syncs that have begun since a write, and those of them that have ended.
        var written: [Int: Int] = [:]
        var (begun, ended) = (0, 0)
        var answered = 0
        for event in events {
            switch event {
            case .wrote(let bytes): for number in Mark.numbers(in: bytes) { written[number] = begun }
            case .syncBegan: begun += 1
            case .syncEnded: ended += 1
            case .answered(let number):
                answered += 1
                let place = try XCTUnwrap(written[number], "answered before it was written")
                XCTAssertGreaterThan(ended, place, "call \(number) was answered without a sync of its own write")
            }
        }
        XCTAssertEqual(answered, callers * rounds)
        await broker.shutdown()
    }

    func testALeaseDoesNotWaitForTheSyncOfAnotherCallInItsGroup() async throws {
        let disk = SimulatedDisk()
        let isArmed = Atomic(false)
        let (begun, gate) = (Gates(), DispatchSemaphore(value: 0))
        let calls = WatchedCalls(disk.process()) {
            guard isArmed.load(ordering: .relaxed) else { return }
            begun.next()
            gate.wait()
        }
        let broker = FileBroker(
            folder: "/queue", time: .system, segmentSize: 4 << 20, disk: Disk(calls), boot: disk.bootID)
        let job = makeSubmission()
        _ = try await broker.enqueue([job])
        isArmed.store(true, ordering: .relaxed)
        // While the first is on its way to the disk the others come together.
        let first = Task { try await broker.enqueue([makeSubmission()]) }
        await begun.wait(for: 1)
        let second = Task { try await broker.enqueue([makeSubmission()]) }
        let lease = Task { try await broker.lease(LeaseRequest(worker: "w")) }
        while broker.inbox.waiting < 2 { await Task.yield() }
        gate.signal()
        _ = try await first.value
        await begun.wait(for: 2)
        let leases = try await lease.value
        XCTAssertEqual(leases.map(\.id.job), [job.id])
        XCTAssertEqual(disk.bytes("/queue/lock")?.count, 16, "nothing says that the lease is acted upon")
        isArmed.store(false, ordering: .relaxed)
        gate.signal()
        _ = try await second.value
        await broker.shutdown()
    }

    func testGroupsThatComeDuringASyncShareTheNextOne() throws {
        let disk = SimulatedDisk()
        let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let calls = WatchedCalls(disk.process()) {
            begun.signal()
            gate.wait()
        }
        let log = try TestLog(Disk(calls))
        let syncs = SyncThread()
        let answers = DispatchSemaphore(value: 0)
        func add(_ number: Int) throws {
            try log.file.write(Mark.bytes(number), at: number * 16)
            syncs.add(
                log.group(upTo: (number + 1) * 16) { failure in
                    XCTAssertNil(failure)
                    calls.note(.answered(number))
                    answers.signal()
                })
        }
        try add(0)
        XCTAssertEqual(begun.wait(timeout: .now() + 20), .success)
        for number in 1..<64 { try add(number) }
        XCTAssertTrue(syncs.isBusy)
        XCTAssertEqual(answers.wait(timeout: .now()), .timedOut, "answered while the sync was under way")
        gate.signal()
        XCTAssertEqual(begun.wait(timeout: .now() + 20), .success)
        XCTAssertEqual(log.place.synced.offset, 16, "what came during a sync is not on the disk by it")
        // Further syncs, which there must not be, would end as well.
        for _ in 0..<64 { gate.signal() }
        for _ in 0..<64 { XCTAssertEqual(answers.wait(timeout: .now() + 20), .success) }
        syncs.close()
        let order = calls.events.compactMap { event -> String? in
            switch event {
            case .wrote: nil
            case .syncBegan: "sync"
            case .syncEnded: "synced"
            case .answered(let number): "\(number)"
            }
        }
        XCTAssertEqual(order.prefix(2), ["sync", "synced"])
        XCTAssertEqual(order.count { $0 == "sync" }, 2)
        let second = try XCTUnwrap(order.lastIndex(of: "synced"))
        XCTAssertEqual(order[(second + 1)...].filter { $0 != "0" }, (1..<64).map { "\($0)" })
        XCTAssertEqual(log.place.synced.offset, 64 * 16)
        XCTAssertTrue(syncs.isAtRest)
    }

    func testAFailedSyncFailsEveryGroupUntilItIsTakenNoteOf() throws {
        let disk = SimulatedDisk()
        let log = try TestLog(Disk(disk.process()))
        let syncs = SyncThread()
        func failure(_ log: TestLog) throws -> BrokerError? {
            try log.file.write([1], at: 0)
            let answer = Mutex<BrokerError?>(nil)
            let isAnswered = DispatchSemaphore(value: 0)
            withExtendedLifetime(answer) {
                syncs.add(
                    log.group(upTo: 1) { failure in
                        answer.withLock { $0 = failure }
                        isAnswered.signal()
                    })
                XCTAssertEqual(isAnswered.wait(timeout: .now() + 20), .success)
            }
            return answer.withLock { $0 }
        }
        disk.plan(.fail(EIO).on(.sync))
        let first = try XCTUnwrap(try failure(log))
        XCTAssertTrue(first.mayHaveStored)
        XCTAssertFalse(syncs.isAtRest)
        let before = disk.calls.count { $0.kind == .sync }
        // Another file would take it; the log before it is in doubt all the same.
        let other = try TestLog(Disk(disk.process()))
        XCTAssertEqual(try failure(other)?.code, first.code)
        XCTAssertEqual(disk.calls.count { $0.kind == .sync }, before)
        XCTAssertNotNil(syncs.takeFailure())
        XCTAssertNil(syncs.takeFailure())
        XCTAssertNil(try failure(other))
        XCTAssertEqual(log.place.synced.offset, 0)
        XCTAssertEqual(other.place.synced.offset, 1)
        syncs.close()
    }
}

/// Who is in a call, of those who go on calling.
private final class Presence: Sendable {
    private let state = Mutex((calling: 0, running: 0))

    var isComplete: Bool { state.withLock { $0.calling >= $0.running } }

    func change(_ body: (inout (calling: Int, running: Int)) -> Void) {
        state.withLock { body(&$0) }
    }
}

/// A segment's file and how much of it is on the disk.
private struct TestLog {
    let file: File
    let place: SyncedPlace

    init(_ disk: Disk) throws {
        let folder = FolderLayout(path: "/", disk: disk)
        file = try disk.open(folder.segmentPath(1), O_RDWR | O_CREAT)
        place = SyncedPlace(try Watermark(in: folder))
    }

    func group(upTo end: Int, _ completion: @escaping (BrokerError?) -> Void) -> PendingSync {
        PendingSync(
            file: file, end: Position(segment: 1, offset: UInt32(end)), place: place, completions: [completion])
    }
}

/// Numbers that are found again in what was written.
private enum Mark {
    private static let sign: [UInt8] = [0xE7, 0x5A, 0xC3, 0x19]

    static func bytes(_ number: Int) -> [UInt8] { sign + [UInt8(number >> 8), UInt8(number & 0xFF)] }

    static func numbers(in bytes: [UInt8]) -> [Int] {
        var numbers: [Int] = []
        var rest = bytes[...]
        while let found = rest.firstRange(of: sign), found.upperBound + 2 <= bytes.count {
            numbers.append(Int(bytes[found.upperBound]) << 8 | Int(bytes[found.upperBound + 1]))
            rest = bytes[found.upperBound...]
        }
        return numbers
    }
}

/// Counts how often something was reached, for those who wait for it.
private final class Gates: Sendable {
    private let gates = (0..<8).map { _ in Gate() }
    private let reached = Atomic(0)

    func next() { gates[reached.add(1, ordering: .relaxed).newValue].open() }

    func wait(for count: Int) async { await gates[count].wait() }
}

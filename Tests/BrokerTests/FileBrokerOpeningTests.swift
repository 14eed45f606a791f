import Foundation
import Mailroom
import MailroomFiles
import Synchronization
import TestSupport
import XCTest

@testable import MailroomFileBroker

/// A queue that is opened while another process writes checkpoints and drops segments.
final class FileBrokerOpeningTests: XCTestCase {
    /// A queue of some segments with a checkpoint, the process that it is kept by, and its jobs.
    private struct Scene {
        let disk = SimulatedDisk()
        let keeper: FileBroker
        private(set) var jobs: [JobID] = []

        init() async throws {
            keeper = FileBroker(
                folder: "/queue", time: .system, segmentSize: 8 << 10, disk: Disk(disk.process()), boot: disk.bootID)
            for index in 0..<4 {
                let submission = makeSubmission(payload: Array(repeating: UInt8(index), count: 2_500))
                _ = try await keeper.enqueue([submission])
                jobs.append(submission.id)
            }
            try await Self.moveOn(keeper)
        }

        /// Writes a checkpoint and everything else anew, and drops the segments that there were.
        static func moveOn(_ keeper: FileBroker) async throws {
            _ = try await keeper.enqueue([FileBrokerFaultSweepTests.made(for: "bob@example.org")])
            _ = try await keeper.erase(recipient: "bob@example.org")
        }

        /// The jobs as a process finds them that opens the queue; the keeper moves on before some of its calls.
        func found(movingOnBefore isMeant: @escaping @Sendable (Int) -> Bool) async throws -> (Set<JobID>, Int) {
            let progress = Progress()
            let keeper = keeper
            let calls = WatchedCalls(
                disk.process(),
                beforeReading: {
                    guard isMeant(progress.next()) else { return }
                    let done = DispatchSemaphore(value: 0)
                    Task.detached {
                        do { try await Scene.moveOn(keeper) } catch { progress.note(error) }
                        done.signal()
                    }
                    done.wait()
                })
            let broker = FileBroker(
                folder: "/queue", time: .system, segmentSize: 8 << 10, disk: Disk(calls), boot: disk.bootID)
            let found: Result<Set<JobID>, any Error>
            do { found = .success(try await broker.jobs()) } catch { found = .failure(error) }
            await broker.shutdown()
            if let failure = progress.failure { throw failure }
            return (try found.get(), progress.next())
        }
    }

    /// The calls that were made, and what went wrong beside them.
    private final class Progress: Sendable {
        private let state = Mutex<(count: Int, failure: (any Error)?)>((0, nil))

        var failure: (any Error)? { state.withLock { $0.failure } }

        func next() -> Int {
            state.withLock { state in
                defer { state.count += 1 }
                return state.count
            }
        }

        func note(_ error: any Error) { state.withLock { $0.failure = error } }
    }

    func testFindsEverythingAlthoughTheCheckpointIsReplacedAtAnyOfItsCalls() async throws {
        let scene = try await Scene()
        let quiet = try await scene.found { _ in false }
        XCTAssertEqual(quiet.0, Set(scene.jobs))
        XCTAssertGreaterThan(quiet.1, 15)
        for number in 0..<quiet.1 {
            let found = try await scene.found { $0 == number }
            XCTAssertEqual(found.0, Set(scene.jobs), "moved on before call \(number)")
        }
        await scene.keeper.shutdown()
    }

    /// As often as one opening has calls, so that every attempt is disturbed, and more than once.
    func testFindsEverythingAlthoughTheCheckpointIsReplacedAgainAndAgain() async throws {
        let scene = try await Scene()
        for step in [1, 2, 5] {
            let found = try await scene.found { $0 % step == 0 && $0 < 60 }
            XCTAssertEqual(found.0, Set(scene.jobs), "moved on before every call of \(step)")
        }
        await scene.keeper.shutdown()
    }

    func testSaysThatASegmentIsMissingInsteadOfLookingForItForEver() async throws {
        let scene = try await Scene()
        for _ in 0..<6 {
            _ = try await scene.keeper.enqueue([makeSubmission(payload: Array(repeating: 9, count: 4_000))])
        }
        await scene.keeper.shutdown()
        let segments = scene.disk.names("/queue").filter { $0.hasSuffix(".log") }
        XCTAssertGreaterThan(segments.count, 3)
        let disk = Disk(scene.disk.process())
        try disk.remove("/queue/" + segments[segments.count - 3])
        do {
            _ = try await scene.found { _ in false }
            XCTFail("opened a queue without one of its segments")
        } catch let error as BrokerError {
            XCTAssertEqual(error.code, .segmentIsGone)
            XCTAssertFalse(error.mayHaveStored)
        }
    }
}

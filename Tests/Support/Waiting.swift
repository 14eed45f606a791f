import Dispatch
import Synchronization
import XCTest

/// Something to wait for until a test opens it.
package final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    package init() {}

    package func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    package func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Something that is rung by whoever has news, any number of times.
package final class Bell: Sendable {
    private let state = Mutex<(rings: Int, waiting: [CheckedContinuation<Void, Never>])>((0, []))

    package init() {}

    package var rings: Int { state.withLock { $0.rings } }

    package func ring() {
        let waiting = state.withLock { state in
            state.rings += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once it was rung more often than this, or when the time is over.
    package func wait(after heard: Int, until deadline: ContinuousClock.Instant) async {
        let left = ContinuousClock.now.duration(to: deadline) / .seconds(1)
        let alarm = DispatchWorkItem { self.ring() }
        DispatchQueue.global().asyncAfter(deadline: .now() + left, execute: alarm)
        defer { alarm.cancel() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.rings == heard { state.waiting.append(continuation) }
                return state.rings != heard
            }
            if isOver { continuation.resume() }
        }
    }
}

/// Waits as for somebody who does not answer: until `deadline`, or for ever without one.
/// - Throws: `CancellationError` as soon as the task is cancelled.
package func silence(until deadline: ContinuousClock.Instant? = nil) async throws(CancellationError) {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    if let deadline {
        let left = ContinuousClock.now.duration(to: deadline) / .seconds(1)
        DispatchQueue.global().asyncAfter(deadline: .now() + left) { continuation.finish() }
    }
    for await _ in stream {}
    if Task.isCancelled { throw CancellationError() }
}

/// What `body` makes of a task that was cancelled before it began.
package func cancelledBeforehand<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
    await Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await body()
    }.value
}

/// What a test throws that waited in vain, having failed.
package struct Overdue: Error {
    package let what: String
}

/// Asks until it is so, one question after another: each takes as long as asking takes. Fails the test, and throws, where
/// it is still not so when the time is over.
package func eventually(
    _ what: String, within limit: Duration = .seconds(30), file: StaticString = #filePath, line: UInt = #line,
    _ isSo: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !isSo() {
        guard .now < end else {
            XCTFail("after \(limit) it is still not so: \(what)", file: file, line: line)
            throw Overdue(what: what)
        }
        await Task.yield()
    }
}

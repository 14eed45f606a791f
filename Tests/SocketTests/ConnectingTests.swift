import Dispatch
import Synchronization
import TestSupport
import XCTest

@testable import MailroomSockets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Hosts and resolvers that do not answer.
final class ConnectingTests: XCTestCase {
    private func address(_ host: String, _ port: Int) throws -> SocketAddress {
        try XCTUnwrap(lookUp(host: host, port: port, flags: AI_NUMERICHOST).first)
    }

    func testAHostThatDoesNotAnswerIsLeftAtTheTimeOut() throws {
        let hole = try FullBacklog()
        let deadline = ContinuousClock.now + .milliseconds(200)
        XCTAssertThrowsError(try TCPStream.connect(host: "127.0.0.1", port: hole.port, deadline: deadline)) {
            XCTAssertEqual(($0 as? SocketError)?.code, .timedOut)
            XCTAssertEqual(
                "\($0)",
                "Could not connect to 127.0.0.1:\(hole.port) in time: the other side does not answer. "
                    + "Check host, port and firewall, or allow more time.")
        }
        XCTAssertGreaterThanOrEqual(ContinuousClock.now, deadline)
        XCTAssertLessThan(deadline.duration(to: .now), .seconds(1))
    }

    func testAnAddressThatDoesNotAnswerLeavesTimeForTheNext() throws {
        let hole = try FullBacklog()
        let other = try? TCPListener(host: "::1")
        let live = try other ?? TCPListener()
        let host = other == nil ? "127.0.0.1" : "::1"
        let begin = ContinuousClock.now
        let deadline = begin + .seconds(1)
        let stream = try TCPStream.connect(
            toFirstOf: [try address("127.0.0.1", hole.port), try address(host, live.port)],
            deadline: deadline, interruption: SocketInterruption())
        XCTAssertEqual(stream.remoteAddress, endpointText(host: host, port: live.port))
        XCTAssertLessThan(ContinuousClock.now, deadline, "the first was given all of the time")
        XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .milliseconds(400), "the first was not waited for")
    }

    // MARK: Resolvers

    /// A resolver that answers when it is let go; it counts who asked.
    private final class Hanging: Sendable {
        private let asked = Mutex(0)
        private let gate = DispatchSemaphore(value: 0)

        var questions: Int { asked.withLock { $0 } }

        var resolver: Resolver {
            { [self] _, _ throws(SocketError) in
                asked.withLock { $0 += 1 }
                gate.wait()
                return []
            }
        }

        func letGo() { for _ in 0..<questions { gate.signal() } }
    }

    /// Looks a host up as an adapter does: on a thread of its own, stopped by the cancellation of its task.
    private actor Finder {
        private let thread: DedicatedThread
        private let interruption = SocketInterruption()
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init() throws { thread = try DedicatedThread() }

        private func lookUp(until deadline: ContinuousClock.Instant, _ resolver: @escaping Resolver) -> SocketError? {
            do throws(SocketError) {
                _ = try addresses(
                    of: "mail.example.org", port: 25, until: deadline, interruption: interruption, asking: resolver)
                return nil
            } catch {
                return error
            }
        }

        nonisolated func find(
            until deadline: ContinuousClock.Instant, _ resolver: @escaping Resolver
        ) async -> SocketError? {
            await withTaskCancellationHandler {
                await lookUp(until: deadline, resolver)
            } onCancel: {
                interruption.interrupt()
            }
        }
    }

    func testAResolverThatHangsIsLeftAtTheDeadline() async throws {
        let hanging = Hanging()
        defer { hanging.letGo() }
        let deadline = ContinuousClock.now + .milliseconds(100)
        let error = await (try Finder()).find(until: deadline, hanging.resolver)
        XCTAssertEqual(error?.code, .timedOut)
        XCTAssertEqual(
            error?.description.hasPrefix("Could not find the address of \"mail.example.org\" in time: "), true)
        XCTAssertGreaterThanOrEqual(ContinuousClock.now, deadline)
        XCTAssertLessThan(deadline.duration(to: .now), .seconds(1))
        XCTAssertEqual(hanging.questions, 1)
    }

    func testResolversThatHangBlockNobodyAndAreLeftUponCancellation() async throws {
        let hanging = Hanging()
        defer { hanging.letGo() }
        let begin = ContinuousClock.now
        // More than the cooperative pool has threads.
        let finders = try (0..<64).map { _ in try Finder() }
        let tasks = finders.map { finder in
            Task { await finder.find(until: begin + .seconds(20), hanging.resolver) }
        }
        while hanging.questions < tasks.count, begin.duration(to: .now) < .seconds(10) { await Task.yield() }
        XCTAssertEqual(hanging.questions, tasks.count)
        for task in tasks { task.cancel() }
        for task in tasks {
            let error = await task.value
            XCTAssertEqual(error?.code, .interrupted)
        }
        XCTAssertLessThan(begin.duration(to: .now), .seconds(15))
    }
}

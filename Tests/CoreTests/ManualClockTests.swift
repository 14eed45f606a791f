import Foundation
import MailroomTesting
import TestSupport
import XCTest

final class ManualClockTests: XCTestCase {
    private let clock = ManualClock()

    func testItMovesToASleeperWhoIsThereAndToOneWhoComes() async throws {
        let clock = clock
        let first = Task { try await clock.sleep(until: .seconds(10)) }
        try await eventually("one sleeps") { clock.sleepers == 1 }
        await clock.advance(toSleeperAt: .seconds(10))
        try await first.value
        XCTAssertEqual(clock.uptime(), .seconds(10))
        for round in 1...200 {
            let deadline = Duration.seconds(10 + round)
            let later = Task { try await clock.sleep(until: deadline) }
            await clock.advance(toSleeperAt: deadline)
            try await later.value
            XCTAssertEqual(clock.uptime(), deadline)
        }
    }

    func testSeveralMayWaitForOneSleeper() async throws {
        let clock = clock
        async let one = clock.sleeper(at: .seconds(10), within: .seconds(30))
        async let other = clock.sleeper(at: .seconds(10), within: .seconds(30))
        let sleeping = Task { try await clock.sleep(until: .seconds(10)) }
        let ends = await [one, other]
        XCTAssertEqual(ends, [.slept, .slept])
        clock.advance(by: .seconds(10))
        try await sleeping.value
    }

    func testCancellationEndsTheWaitForASleeperAndLeavesTheClock() async {
        let clock = clock
        for _ in 1...200 {
            let wait = Task { await clock.advance(toSleeperAt: .seconds(10), within: .seconds(3600)) }
            wait.cancel()
            await wait.value
        }
        await cancelledBeforehand { await clock.advance(toSleeperAt: .seconds(10), within: .seconds(3600)) }
        XCTAssertEqual(clock.uptime(), .zero)
    }

    func testAWrongMomentIsMissedAndToldWithTheRightOnes() async throws {
        let clock = clock
        let limit = Duration.milliseconds(20)
        let nobody = await clock.sleeper(at: .seconds(30), within: limit)
        XCTAssertEqual(nobody, .missed)
        XCTAssertEqual(
            clock.missing(at: .seconds(30), within: limit),
            "Nobody slept until 30 s by this clock, which is at 0 s, although 20 ms of real time have passed. "
                + "Nobody sleeps by it at all: is it given to what should?")
        let moments: [Duration] = [.seconds(30) + .nanoseconds(1), .milliseconds(500), .seconds(60), .seconds(60)]
        let sleeping = moments.map { moment in Task { try await clock.sleep(until: moment) } }
        try await eventually("all sleep") { clock.sleepers == 4 }
        let other = await clock.sleeper(at: .seconds(30), within: limit)
        XCTAssertEqual(other, .missed)
        XCTAssertEqual(
            clock.missing(at: .seconds(30), within: limit),
            "Nobody slept until 30 s by this clock, which is at 0 s, although 20 ms of real time have passed. "
                + "Somebody sleeps until 500 ms, 30.000000001 s, 60 s.")
        clock.advance(by: .seconds(100))
        for sleeper in sleeping { try await sleeper.value }
    }

    func testAMomentThatIsOverIsMissedAtOnce() async {
        clock.advance(by: .milliseconds(90_500))
        let end = await clock.sleeper(at: .seconds(90), within: .seconds(3600))
        XCTAssertEqual(end, .missed)
        XCTAssertEqual(
            clock.missing(at: .seconds(90), within: .seconds(3600)),
            "Nobody can sleep until 90 s by this clock: it is at 90.5 s already. "
                + "Nobody sleeps by it at all: is it given to what should?")
    }

    func testOfManySleepersTheFirstAreNamed() async throws {
        let clock = clock
        let sleeping = (1...11).map { second in Task { try await clock.sleep(until: .seconds(second)) } }
        try await eventually("all sleep") { clock.sleepers == 11 }
        let text = clock.missing(at: .seconds(90), within: .seconds(10))
        XCTAssertTrue(text.hasSuffix("until 1 s, 2 s, 3 s, 4 s, 5 s, 6 s, 7 s, 8 s and 3 later moments."), text)
        clock.advance(by: .seconds(11))
        for sleeper in sleeping { try await sleeper.value }
    }

    #if os(Linux)
        /// Runs itself in a process of its own, which ends.
        func testAWrongMomentEndsTheProcessWithTheTextAndTheLine() async throws {
            let word = "MAILROOM_TEST_NAMES_A_WRONG_MOMENT"
            if ProcessInfo.processInfo.environment[word] != nil {
                await clock.advance(
                    toSleeperAt: .seconds(30), within: .milliseconds(20), file: "App/PlanTests.swift", line: 7)
                return
            }
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let outcome = try Programs.run(
                "env",
                [
                    "\(word)=1", "SWIFT_BACKTRACE=enable=no", tests,
                    "CoreTests.ManualClockTests/testAWrongMomentEndsTheProcessWithTheTextAndTheLine",
                ])
            XCTAssertNotEqual(outcome.status, 0)
            XCTAssertTrue(
                outcome.errors.contains("App/PlanTests.swift:7: Fatal error: Nobody slept until 30 s by this clock"),
                outcome.errors)
        }
    #endif
}

import Foundation
import Mailroom
import MailroomTesting
import XCTest

@testable import Mailroom

final class ThrottledTests: XCTestCase {
    func testABucketNeitherGainsNorLosesAnythingByRounding() {
        // A third of a second has no end in attoseconds.
        var bucket = TokenBucket(rate: 3, per: .seconds(1), burst: 1)
        var starts: [Duration] = []
        for _ in 0...3_000_000 {
            guard let grant = bucket.take(1, at: .zero, within: .seconds(2_000_000)).grant else { return XCTFail() }
            starts.append(grant.start)
        }
        XCTAssertEqual(starts[3], .seconds(1))
        XCTAssertEqual(starts[3_000_000], .seconds(1_000_000))
        for second in stride(from: 0, to: 3_000_000, by: 300_000) {
            XCTAssertEqual(starts[second], .seconds(second / 3))
        }
    }

    func testNoPeriodSeesMoreThanTheRateAndTheBurst() {
        let random = SeededRandom(seed: 3)
        var bucket = TokenBucket(rate: 7, per: .milliseconds(900), burst: 4)
        var (now, starts) = (Duration.zero, [Duration]())
        for _ in 0..<2000 {
            now += .milliseconds(Int(random.next() % 200))
            let (grant, wait) = bucket.take(1, at: now, within: .milliseconds(300))
            guard let grant else {
                XCTAssertGreaterThan(wait, .milliseconds(300))
                continue
            }
            XCTAssertGreaterThanOrEqual(grant.start, starts.last ?? .zero, "first come first served")
            starts.append(grant.start)
        }
        for (index, start) in starts.enumerated() where index >= 11 {
            XCTAssertGreaterThanOrEqual(start - starts[index - 11], .milliseconds(900), "4 + 7 in a period, not 12")
        }
        XCTAssertGreaterThan(starts.count, 1000)
    }

    func testABurstGoesAtOnceAndTheRestWaitsInTheOrderOfComing() async {
        let (clock, capture) = (ManualClock(), CaptureTransport())
        let transport = capture.throttled(to: 1, burst: 2, patience: .seconds(60), time: clock)
        for name in ["a", "b"] { _ = await transport.outcome(of: .sample(to: "\(name)@example.org")) }
        XCTAssertEqual(capture.handed, ["a", "b"])
        async let third = transport.outcome(of: .sample(to: "c@example.org"))
        await clock.advance(toSleeperAt: .seconds(1))
        let outcome = await third
        XCTAssertEqual(outcome, "c accepted")
    }

    func testALongerWaitIsThrownWithItsLengthAndUsesUpNothing() async {
        let (clock, capture) = (ManualClock(), CaptureTransport())
        let transport = capture.throttled(to: 1, per: .seconds(30), patience: .seconds(5), time: clock)
        let mail = Mail.sample(to: "a@example.org")
        _ = await transport.outcome(of: mail)
        for _ in 0..<3 {
            let outcome = await transport.outcome(of: mail)
            XCTAssertEqual(outcome, "throws throttled, wait 30.0 seconds")
        }
        clock.advance(by: .seconds(30))
        let outcome = await transport.outcome(of: mail)
        XCTAssertEqual(outcome, "a accepted")
    }

    func testAWaitBeyondTheMailsDeadlineIsNotBegun() async {
        let (clock, capture) = (ManualClock(), CaptureTransport())
        let transport = capture.throttled(to: 1, per: .seconds(10), patience: .seconds(60), time: clock)
        _ = await transport.outcome(of: .sample(to: "a@example.org"))
        let outcome = await transport.outcome(of: .sample(to: "a@example.org", within: .seconds(9)))
        XCTAssertEqual(outcome, "throws throttled, wait 10.0 seconds")
    }

    func testWhoIsCancelledWhileWaitingGivesTheirTurnBack() async {
        let capture = CaptureTransport()
        let transport = capture.throttled(
            to: 1, per: .seconds(10), patience: .seconds(60), time: InterruptedTime())
        _ = await transport.outcome(of: .sample(to: "a@example.org"))
        for _ in 0..<3 {
            // Were a turn lost, the wait would be too long for the next.
            let outcome = await transport.outcome(of: .sample(to: "b@example.org", within: .seconds(15)))
            XCTAssertEqual(outcome, "throws cancelled")
        }
        XCTAssertEqual(capture.handed, ["a"])
    }

    func testATurnIsNotGivenBackFromBeforeOthers() {
        var bucket = TokenBucket(rate: 1, per: .seconds(1), burst: 1)
        let grants = (0..<3).compactMap { _ in bucket.take(1, at: .zero, within: .seconds(9)).grant }
        XCTAssertEqual(grants.map(\.start), [.zero, .seconds(1), .seconds(2)])
        bucket.putBack(grants[1])
        XCTAssertEqual(bucket.take(1, at: .zero, within: .zero).wait, .seconds(3))
        bucket.putBack(grants[2])
        XCTAssertEqual(bucket.take(1, at: .zero, within: .zero).wait, .seconds(2))
    }

    func testRecipientsMayCountAndAMailBeyondTheBurstGoesWhenAllOfItIsFree() async {
        let (clock, capture) = (ManualClock(), CaptureTransport())
        let transport = capture.throttled(
            to: 1, burst: 3, countsRecipients: true, patience: .zero, time: clock)
        let five = Mail.sample(to: "abcde".map { "\($0)@example.org" })
        let first = await transport.outcome(of: five)
        XCTAssertTrue(first.hasPrefix("a accepted"), first)
        let next = await transport.outcome(of: .sample(to: "f@example.org"))
        XCTAssertEqual(next, "throws throttled, wait 3.0 seconds", "two are owed, one more is needed")
        let again = await transport.outcome(of: five)
        XCTAssertEqual(again, "throws throttled, wait 5.0 seconds")
    }

    func testLimitsThatLetNothingThroughAreFoundAtBuild() {
        let found = problems(
            of: Known("").throttled(to: 0, per: .zero, burst: -1, patience: .seconds(-1), time: ManualClock()))
        XCTAssertEqual(
            found.map { $0.prefix { $0 != ":" } },
            ["throttled rate", "throttled period", "throttled burst", "throttled patience", "known"])
        XCTAssertEqual(problems(of: Known("x").throttled(to: 1)), [])
    }
}

/// A clock on which whoever sleeps is cancelled.
private struct InterruptedTime: TimeSource {
    func now() -> Date { Date(timeIntervalSince1970: 0) }
    func uptime() -> Duration { .zero }
    func sleep(until deadline: Duration) async throws(CancellationError) { throw CancellationError() }
}

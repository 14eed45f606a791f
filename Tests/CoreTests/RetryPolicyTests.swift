import Mailroom
import XCTest

final class RetryPolicyTests: XCTestCase {
    func testNeverMakesOneAttempt() {
        XCTAssertEqual(plan(.never), [])
    }

    func testDelaysAreFollowedToTheLetter() {
        XCTAssertEqual(plan(.delays([.seconds(10), .seconds(30), .seconds(90)])), [10, 30, 90])
        XCTAssertEqual(
            plan(.delays([60, 120, 240, 480, 900].map { .seconds($0) })), [60, 120, 240, 480, 900],
            "six attempts")
    }

    func testExponentialGrowsByItsFactorUpToItsMaximum() {
        XCTAssertEqual(
            plan(.exponential(base: .seconds(1), factor: 2, maximum: .seconds(10), attempts: 7)), [1, 2, 4, 8, 10, 10])
        XCTAssertEqual(plan(.exponential(base: .seconds(1), maximum: .seconds(5), attempts: 1)), [])
    }

    func testALargeAttemptNumberDoesNotOverflow() {
        let policy = ExponentialBackoff(base: .seconds(1), factor: 10, maximum: .seconds(60), attempts: .max)
        XCTAssertEqual(
            policy.decision(for: FailedAttempt(attempt: 1_000_000, cause: .workerLost)), .retry(after: .seconds(60)))
    }

    func testJitterShortensWithinItsShareAndIsRepeatable() {
        let policy = ExponentialBackoff(
            base: .seconds(10), factor: 2, maximum: .seconds(100), attempts: 5, jitter: 0.2)
        for random in [0, 1 << 63, UInt64.max] {
            let failure = FailedAttempt(attempt: 1, cause: .workerLost, random: random)
            guard case .retry(let wait) = policy.decision(for: failure) else { return XCTFail("gave up") }
            XCTAssert((.seconds(8)...(.seconds(10))).contains(wait), "\(wait)")
            XCTAssertEqual(policy.decision(for: failure), .retry(after: wait))
        }
        XCTAssertEqual(
            policy.decision(for: FailedAttempt(attempt: 1, cause: .workerLost, random: 1 << 63)),
            .retry(after: .seconds(9)))
    }

    private func plan(_ policy: some RetryPolicy) -> [Double] {
        var waits: [Double] = []
        for attempt in 1...20 {
            guard case .retry(let wait) = policy.decision(for: FailedAttempt(attempt: attempt, cause: .workerLost))
            else { return waits }
            waits.append(Double(wait.components.seconds))
        }
        return waits
    }
}

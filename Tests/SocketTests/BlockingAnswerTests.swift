import XCTest

@testable import MailroomSockets

final class BlockingAnswerTests: XCTestCase {
    func testAnAnswerReachesTheThreadThatWaitsForIt() throws {
        let answer = try BlockingAnswer<Int>()
        try startThread { answer.give(7) }
        XCTAssertEqual(try answer.wait(until: soon, interruption: SocketInterruption(), doing: "wait"), 7)
        XCTAssertEqual(try answer.wait(until: .now, interruption: SocketInterruption(), doing: "wait"), 7)
    }

    func testWaitingEndsByItsDeadlineOrAnInterruption() throws {
        let answer = try BlockingAnswer<Int>()
        let interruption = SocketInterruption()
        func failure(until deadline: ContinuousClock.Instant) -> SocketError? {
            do throws(SocketError) {
                _ = try answer.wait(until: deadline, interruption: interruption, doing: "get a token")
                return nil
            } catch { return error }
        }
        let late = failure(until: .now)
        XCTAssertEqual(late?.code, .timedOut)
        XCTAssertEqual(late?.description.hasPrefix("Could not get a token in time"), true)
        try startThread { interruption.interrupt() }
        XCTAssertEqual(failure(until: soon)?.code, .interrupted)
        answer.give(7)
        XCTAssertEqual(failure(until: soon)?.code, .interrupted, "a switch stays thrown")
    }
}

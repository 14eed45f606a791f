import Mailroom
import Synchronization
import TestSupport
import XCTest

final class FirstAnswerTests: XCTestCase {
    func testTheFirstCountsAndWhoIsLateSpeaksToNobody() async {
        let value = await FirstAnswer.wait(until: .now + .seconds(60), late: 0) { answer in
            answer.give(1)
            answer.give(2)
        }
        XCTAssertEqual(value, 1)
        let given = Mutex<FirstAnswer<Int>?>(nil)
        let late = await FirstAnswer.wait(until: .now, late: 3) { answer in given.withLock { $0 = answer } }
        XCTAssertEqual(late, 3)
        given.withLock { $0?.give(4) }
    }

    func testACancelledTaskWaitsOnlyWhereNothingIsSaidForIt() async {
        let asked = Gate()
        let task = Task {
            await FirstAnswer.wait(until: .now + .seconds(60), late: 0, cancelled: { 1 }) { _ in asked.open() }
        }
        await asked.wait()
        task.cancel()
        let cancelled = await task.value
        XCTAssertEqual(cancelled, 1)
        let patient = await cancelledBeforehand {
            await FirstAnswer.wait(until: .now + .seconds(60), late: 0) { answer in Task { answer.give(2) } }
        }
        XCTAssertEqual(patient, 2)
    }

    func testATaskCancelledBeforehandAsksNobody() async {
        let asked = Mutex(0)
        let value = await cancelledBeforehand {
            await FirstAnswer.wait(until: .now + .seconds(60), late: 0, cancelled: { 1 }) { answer in
                asked.withLock { $0 += 1 }
                answer.give(2)
            }
        }
        XCTAssertEqual(value, 1)
        XCTAssertEqual(asked.withLock { $0 }, 0)
    }
}

import Foundation
import MailroomTesting
import XCTest

@testable import Mailroom

/// What a worker counts as in its hands, and so how much more it leases.
final class HandsTests: XCTestCase {
    private let hands = Hands()
    private let lease = Lease.ID(job: JobID(at: Date(), random: SeededRandom(seed: 1)), token: 1)

    override func setUp() { hands.take([lease], until: .seconds(30)) }

    private func giveBack() {
        hands.putDown(lease)
        XCTAssertEqual(hands.unbegunAndRunning, 0)
        hands.settled([lease])
        XCTAssertTrue(hands.isEmpty)
        XCTAssertEqual(hands.unbegunAndRunning, 0)
    }

    func testALeaseThatRanOutBeforeItWasBegunIsGivenBackOnce() {
        XCTAssertNil(hands.begin(lease, at: .seconds(30), deadline: .seconds(60)))
        giveBack()
    }

    func testALeaseThatWasLostInLineIsGivenBackOnce() {
        hands.lose([lease], at: .seconds(10))
        giveBack()
    }

    func testALeaseThatIsFoundLostWhenItIsToBeginIsGivenBackOnce() {
        hands.lose([lease], at: .seconds(10))
        XCTAssertNil(hands.begin(lease, at: .seconds(11), deadline: .seconds(60)))
        giveBack()
    }

    func testALeaseThatNobodyBeganIsGivenBackOnce() { giveBack() }

    func testADeliveryCountsUntilItsEnd() throws {
        _ = try XCTUnwrap(hands.begin(lease, at: .zero, deadline: .seconds(60)))
        XCTAssertEqual(hands.unbegunAndRunning, 1)
        hands.end(lease)
        giveBack()
    }
}

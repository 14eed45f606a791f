import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import TestSupport
import XCTest

/// Every wait here is timed by a clock that is moved by hand: were real time waited for, the limits of hours would show.
final class CaptureWaitingTests: XCTestCase {
    private let clock = ManualClock()
    private lazy var capture = CaptureTransport(time: clock)

    func testAMailThatIsThereEndsTheWaitAtOnce() async throws {
        await capture.take(.club(to: "anna@example.org"), .club(to: "bruno@example.org"))
        let mail = try await capture.mail(.to("bruno@example.org"), within: .seconds(3600))
        XCTAssertEqual(mail.number, 2)
        let none = try await capture.mails(atLeast: 0, .to("carla@example.org"))
        XCTAssertEqual(none.count, 0)
        XCTAssertEqual(clock.sleepers, 0)
    }

    func testAMailThatComesLaterEndsTheWait() async throws {
        let capture = capture
        let byMatch = Task { try await capture.mail(.subject("Bill"), within: .seconds(3600)).number }
        let byClosure = Task { try await capture.mail(within: .seconds(3600)) { $0.subject == "Bill" }.number }
        let three = Task { try await capture.mails(atLeast: 3, within: .seconds(3600)).map(\.number) }
        try await eventually("all wait") { self.clock.sleepers == 3 }
        await capture.take(.club(to: "a@x.org"), .club(to: "b@x.org", subject: "Bill"))
        let (one, other) = (try await byMatch.value, try await byClosure.value)
        XCTAssertEqual([one, other], [2, 2])
        await capture.take(.club(to: "c@x.org"))
        let all = try await three.value
        XCTAssertEqual(all, [1, 2, 3])
        try await eventually("nobody sleeps on") { self.clock.sleepers == 0 }
    }

    func testTheTimeIsUpWhenTheTestMovesTheClock() async {
        let capture = capture
        await capture.take(.club(to: "anna@example.org", subject: "Programm"))
        let wait = Task {
            await failureText {
                try await capture.mail(
                    .to("anna@example.org"), .subject("Programme"), within: .seconds(3600), file: "A/T.swift", line: 1)
            }
        }
        await clock.advance(toSleeperAt: .seconds(3600))
        let text = await wait.value
        XCTAssertEqual(
            text,
            """
            No mail to anna@example.org with subject "Programme" was sent within 3600 s. The nearest is #1: its \
            subject is "Programm".
            1 mail was sent:
            > #1 to anna@example.org: "Programm"
            Expected at A/T.swift:1.
            """)
    }

    func testWaitingForManySaysHowManyCame() async {
        let capture = capture
        await capture.take(.club(to: "anna@example.org"))
        let wait = Task {
            await failureText { try await capture.mails(atLeast: 2, within: .milliseconds(1500), file: "F", line: 1) }
        }
        await clock.advance(toSleeperAt: .milliseconds(1500))
        let text = await wait.value
        XCTAssertEqual(
            text,
            """
            1 mail was sent within 1.5 s, not at least 2.
            1 mail was sent:
              #1 to anna@example.org: "Invitation"
            Expected at F:1.
            """)
    }

    func testWhatCameBeforeTheTimeWasUpCounts() async throws {
        for round in 1...200 {
            let clock = ManualClock()
            let capture = CaptureTransport(time: clock)
            let wait = Task { try await capture.mail(within: .seconds(1)).number }
            try await eventually("it waits") { clock.sleepers == 1 }
            // The waiting task is told of both at once.
            await capture.take(.club(to: "a@example.org"))
            clock.advance(by: .seconds(1))
            let number = try await wait.value
            XCTAssertEqual(number, 1, "round \(round)")
        }
    }

    func testCancellationEndsAWait() async throws {
        let capture = capture
        await capture.take(.club(to: "anna@example.org"))
        let wait = Task { () -> CaptureFailure? in
            do throws(CaptureFailure) {
                try await capture.mail(.to("bo@x.org"), within: .seconds(3600), file: "F", line: 1)
                return nil
            } catch { return error }
        }
        try await eventually("it waits") { self.clock.sleepers == 1 }
        wait.cancel()
        let failure = await wait.value
        XCTAssertEqual(failure?.isCancellation, true)
        XCTAssertEqual(
            failure?.description,
            """
            The wait for mail to bo@x.org was cancelled.
            1 mail was sent:
              #1 to anna@example.org: "Invitation"
            Expected at F:1.
            """)
        try await eventually("nobody sleeps on") { self.clock.sleepers == 0 }
        let beforehand = await cancelledBeforehand {
            await failureText { try await capture.mails(atLeast: 9, within: .seconds(3600)) }
        }
        XCTAssertTrue(beforehand.hasPrefix("The wait for mail was cancelled."), beforehand)
        let none = await cancelledBeforehand {
            await failureText { try await capture.expectNone(.to("bo@x.org"), for: .seconds(3600)) }
        }
        XCTAssertTrue(none.hasPrefix("The wait for mail to bo@x.org was cancelled."), none)
    }

    func testNothingIsExpectedForATime() async throws {
        let capture = capture
        await capture.take(.club(to: "anna@example.org"))
        let quiet = Task { try await capture.expectNone(.to("bruno@example.org"), for: .seconds(60)) }
        await clock.advance(toSleeperAt: .seconds(60))
        try await quiet.value
        let broken = Task {
            await failureText {
                try await capture.expectNone(.to("bruno@example.org"), for: .seconds(60), file: "F", line: 1)
            }
        }
        try await eventually("it waits") { self.clock.sleepers == 1 }
        await capture.take(.club(to: "bruno@example.org"))
        // The wait may end before the mail is answered.
        let text = await broken.value.replacingOccurrences(of: " (under way)", with: "")
        XCTAssertEqual(
            text,
            """
            1 mail to bruno@example.org was sent within 60 s; none should have been.
            2 mails were sent:
              #1 to anna@example.org: "Invitation"
            > #2 to bruno@example.org: "Invitation"
            Expected at F:1.
            """)
        let already = await failureText { try await capture.expectNone(for: .seconds(60)) }
        XCTAssertTrue(already.hasPrefix("2 mails were sent within 60 s"), already)
    }

    func testWhatWasRemovedDoesNotCountForAWait() async throws {
        let capture = capture
        let wait = Task { try await capture.mails(atLeast: 2, within: .seconds(3600)).map(\.number) }
        try await eventually("it waits") { self.clock.sleepers == 1 }
        await capture.take(.club(to: "a@x.org"))
        XCTAssertEqual(capture.removeAll().count, 1)
        await capture.take(.club(to: "b@x.org"))
        XCTAssertEqual(capture.mails.map(\.number), [2])
        await capture.take(.club(to: "c@x.org"))
        let numbers = try await wait.value
        XCTAssertEqual(numbers, [2, 3])
    }

    func testAThousandDeliveriesAndAHundredWaitersMissNothing() async throws {
        let capture = CaptureTransport()
        let found = try await withThrowingTaskGroup(of: [Int].self) { group in
            for waiter in 0..<100 {
                group.addTask {
                    switch waiter % 3 {
                    case 0: [try await capture.mails(atLeast: waiter * 10, within: .seconds(60)).count - waiter * 10]
                    case 1: [try await capture.mail(.to("m\(waiter * 10)@x.org"), within: .seconds(60)).number * 0]
                    default:
                        [try await capture.mails(atLeast: 1000, .subject("Invitation"), within: .seconds(60)).count]
                    }
                }
            }
            for number in 0..<1000 {
                group.addTask {
                    _ = await capture.outcome(of: .club(to: "m\(number)@x.org"))
                    return []
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        XCTAssertEqual(found.filter { !$0.isEmpty }.count, 100)
        XCTAssertTrue(found.joined().allSatisfy { $0 >= 0 })
        XCTAssertEqual(capture.mails.map(\.number), Array(1...1000))
        XCTAssertEqual(Set(capture.mails.flatMap(\.recipients)).count, 1000)
        XCTAssertTrue(capture.mails.allSatisfy { $0.answer != nil })
    }

    func testInboxesSideBySideDoNotSeeEachOthersMail() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for test in 0..<20 {
                group.addTask {
                    let capture = CaptureTransport()
                    let pipeline = try PipelineBuilder().broker(.memory()).capturing(capture).build()
                    for number in 0..<10 {
                        try await pipeline.submit(.sample(to: "m\(number)@test\(test).example"))
                    }
                    var once = WorkerOptions()
                    once.stopsWhenEmpty = true
                    try await pipeline.run(once)
                    let own = MailMatch.satisfying("of this test") { mail in
                        mail.recipients.allSatisfy { $0.hasSuffix("@test\(test).example") }
                    }
                    try capture.expect(10, own)
                    try capture.expect(10)
                }
            }
            try await group.waitForAll()
        }
    }

    func testOneInboxServesSeveralPipelinesAndChannels() async throws {
        let pager = Channel(rawValue: "pager")
        let capture = CaptureTransport()
        let (dead, other) = (CaptureTransport(.failing()), CaptureTransport(.failing()))
        let composition = PipelineBuilder().transport(dead).transport(other, for: pager)
        let club = try composition.broker(.memory()).capturing(capture).build()
        let shop = try PipelineBuilder().broker(.memory()).channels(pager).capturing(capture).build()
        try await club.submit(.sample(to: "a@example.org"))
        try await club.submit(Message(to: [Recipient(channel: pager, address: "17")], text: "Ride at 9"))
        try await shop.submit(Message(to: [Recipient(channel: pager, address: "18")], text: "Sold"))
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await club.run(once)
        try await shop.run(once)
        try capture.expect(3)
        try capture.expectOne(.to("a@example.org"), .channel(.email))
        try capture.expectOne(.to("17"), .channel(pager))
        try capture.expectOne(.to("18"), .channel(pager))
        XCTAssertEqual(dead.mails.count + other.mails.count, 0, "all channels were swapped")
    }
}

import Dispatch
import Mailroom
import MailroomTesting
import TestSupport
import XCTest

/// Waits for what only the answer to a mail makes so. The clock stands still: who looks at a mail only once, before its
/// answer, waits without end. The clock is moved after all then, and that is a failure.
final class CaptureAnswerWaitingTests: XCTestCase {
    private let clock = ManualClock()
    private lazy var capture = CaptureTransport(time: clock)

    private static let answered = MailMatch.satisfying("that is answered") { $0.answer != nil }
    private static let failed = MailMatch.satisfying("that failed") { $0.description.contains("failed: throttled") }

    override func invokeTest() {
        let clock = clock
        let overdue = DispatchSource.makeTimerSource()
        overdue.schedule(deadline: .now() + 20, repeating: 1)
        overdue.setEventHandler { clock.advance(by: .seconds(86_400)) }
        overdue.resume()
        super.invokeTest()
        overdue.cancel()
    }

    override func tearDown() {
        XCTAssertLessThan(clock.uptime(), .seconds(86_400), "somebody waited in vain")
    }

    /// Begins a wait, and returns once it waits.
    private func waiting<Value: Sendable>(
        _ wait: @escaping @Sendable (CaptureTransport) async throws -> Value
    ) async throws -> Task<Value, any Error> {
        let (clock, capture, asleep) = (clock, capture, clock.sleepers)
        let task = Task { try await wait(capture) }
        try await eventually("it waits") { clock.sleepers > asleep }
        return task
    }

    func testAnAnswerEndsTheWaitForItWhateverItIs() async throws {
        let faults: [(CaptureFault?, String)] = [
            (nil, "#1 to a@x.org: \"Invitation\""),
            (.refusing(), "#2 to a@x.org: \"Invitation\" (refused)"),
            (.refusing(forNow: true), "#3 to a@x.org: \"Invitation\" (refused for now)"),
            (.losingReply(), "#4 to a@x.org: \"Invitation\" (in doubt)"),
            (.failing(.throttled), "#5 to a@x.org: \"Invitation\" (failed: throttled)"),
        ]
        for (place, (fault, line)) in faults.enumerated() {
            capture.faults = [.stalling] + (fault.map { [$0] } ?? [])
            let (capture, looks) = (capture, [Gate(), Gate()])
            let byClosure = try await waiting { capture in
                try await capture.mail { mail in
                    if mail.number > place { looks[0].open() }
                    return mail.number > place && mail.answer != nil
                }
            }
            let byLine = try await waiting { capture in
                let match = MailMatch.satisfying("of this line") { mail in
                    if mail.number > place { looks[1].open() }
                    return mail.description == line
                }
                return try await capture.mail(match)
            }
            let delivery = Task { await capture.take(.club(to: "a@x.org")) }
            for look in looks { await look.wait() }
            capture.release()
            await delivery.value
            let (answered, shown) = (try await byClosure.value, try await byLine.value)
            XCTAssertEqual(answered.description, line)
            XCTAssertEqual(shown.number, place + 1)
        }
        try await eventually("nobody sleeps on") { self.clock.sleepers == 0 }
    }

    func testAStalledMailIsWaitedForUntilItIsReleased() async throws {
        capture.faults = [.stalling]
        let capture = capture
        let early = try await waiting { try await $0.mail(Self.answered).number }
        async let outcome = capture.outcome(of: .club(to: "a@x.org"))
        let mail = try await capture.mail { $0.description.hasSuffix("(under way)") }
        XCTAssertNil(mail.answer)
        let late = try await waiting { try await $0.mail(Self.answered).number }
        capture.release()
        let numbers = [try await early.value, try await late.value]
        XCTAssertEqual(numbers, [1, 1])
        let words = await outcome
        XCTAssertEqual(words, "a accepted")
    }

    func testManyAreThereOnceSoManyAreAnswered() async throws {
        capture.faults = [.stalling.onMails(2...3)]
        let capture = capture
        let two = try await waiting { try await $0.mails(atLeast: 2, Self.answered).map(\.number) }
        let three = try await waiting { try await $0.mails(atLeast: 3, Self.answered).map(\.number) }
        await capture.take(.club(to: "a@x.org"))
        let stalled = Task { await capture.take(.club(to: "b@x.org")) }
        try await capture.mails(atLeast: 2)
        let other = Task { await capture.take(.club(to: "c@x.org")) }
        try await capture.mails(atLeast: 3)
        await capture.take(.club(to: "d@x.org"))
        let first = try await two.value
        XCTAssertEqual(first, [1, 4])
        capture.release()
        let more = try await three.value
        XCTAssertTrue([[1, 2, 4], [1, 3, 4], [1, 2, 3, 4]].contains(more), "\(more)")
        await stalled.value
        await other.value
    }

    func testWhatMatchesOnlyUntilItIsAnsweredIsNotCountedAfterwards() async throws {
        let capture = capture
        capture.faults = [.stalling]
        let underWay = MailMatch.satisfying("under way") { $0.answer == nil }
        let two = try await waiting { try await $0.mails(atLeast: 2, underWay).map(\.number) }
        let first = Task { await capture.take(.club(to: "a@x.org")) }
        try await capture.mail(underWay)
        capture.release()
        await first.value
        let others = ["b@x.org", "c@x.org"].map { address in Task { await capture.take(.club(to: address)) } }
        let numbers = try await two.value
        XCTAssertEqual(numbers, [2, 3])
        capture.release()
        for other in others { await other.value }
    }

    func testNothingIsExpectedUntilAnAnswerBreaksIt() async throws {
        capture.faults = [.stalling, .failing(.throttled)]
        let capture = capture
        let none = try await waiting { capture in
            await failureText { try await capture.expectNone(Self.failed, for: .seconds(60), file: "F", line: 1) }
        }
        let delivery = Task { await capture.take(.club(to: "a@x.org")) }
        try await capture.mail()
        capture.release()
        let text = try await none.value
        XCTAssertEqual(
            text,
            """
            1 mail that failed was sent within 60 s; none should have been.
            1 mail was sent:
            > #1 to a@x.org: "Invitation" (failed: throttled)
            Expected at F:1.
            """)
        await delivery.value
        capture.faults = []
        let quiet = try await waiting { try await $0.expectNone(.subject("Bill"), Self.failed, for: .seconds(60)) }
        await capture.take(.club(to: "a@x.org", subject: "Bill"))
        await clock.advance(toSleeperAt: .seconds(60))
        try await quiet.value
    }

    func testARemovedMailThatIsAnsweredLaterDoesNotCount() async throws {
        capture.faults = [.stalling.onMails(1...1)]
        let capture = capture
        let wait = try await waiting { try await $0.mail(Self.answered).number }
        let delivery = Task { await capture.take(.club(to: "a@x.org")) }
        try await capture.mail()
        capture.removeAll()
        capture.release()
        await delivery.value
        await capture.take(.club(to: "b@x.org"))
        let number = try await wait.value
        XCTAssertEqual(number, 2)
    }

    func testAnAnswerThatComesDuringTheLookIsLookedAt() async throws {
        capture.faults = [.stalling]
        let capture = capture
        let delivery = Task { await capture.take(.club(to: "a@x.org")) }
        try await eventually("it is captured, and nobody has looked at it") { capture.mails.count == 1 }
        let mail = try await capture.mail { mail in
            if mail.answer != nil { return true }
            capture.release()
            let end = ContinuousClock.now + .seconds(5)
            while mail.answer == nil, .now < end {}
            return false
        }
        XCTAssertEqual(mail.number, 1)
        await delivery.value
    }

    func testAnAnswerIsNotMissedHoweverItFallsToTheLook() async throws {
        for round in 1...500 {
            let capture = CaptureTransport(time: clock)
            if round % 2 == 0 { capture.faults = [.failing(.throttled)] }
            let match = round % 2 == 0 ? Self.failed : Self.answered
            async let one = capture.mail(match)
            async let both = capture.mails(atLeast: 2, match)
            async let broken = failureText { try await capture.expectNone(match, for: .seconds(60)) }
            async let delivered: Void = capture.take(.club(to: "a@x.org"))
            async let other: Void = capture.take(.club(to: "b@x.org"))
            _ = await (delivered, other)
            let (first, all, text) = (try await one, try await both, await broken)
            XCTAssertNotNil(first.answer, "round \(round)")
            XCTAssertEqual(all.map(\.number), [1, 2], "round \(round)")
            XCTAssertTrue(text.contains("none should have been"), "round \(round): \(text)")
        }
    }

    func testAThousandAnswersAndManyWhoWaitForThemMissNothing() async throws {
        let capture = CaptureTransport(.failing(.throttled).byChance(0.5, seed: 3), time: clock)
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for waiter in 1...20 {
                group.addTask { try await capture.mails(atLeast: waiter * 50, Self.answered).count - waiter * 50 }
                group.addTask { try await capture.mails(atLeast: waiter * 20, Self.failed).count - waiter * 20 }
            }
            for number in 1...1000 {
                group.addTask {
                    await capture.take(.club(to: "m\(number)@x.org"))
                    return 0
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        XCTAssertEqual(counts.count, 1040)
        XCTAssertTrue(counts.allSatisfy { $0 >= 0 })
    }
}

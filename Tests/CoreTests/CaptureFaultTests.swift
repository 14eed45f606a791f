import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import TestSupport
import XCTest

/// Each fault on demand, and what a pipeline makes of it.
final class CaptureFaultTests: XCTestCase {
    func testARefusedRecipientEndsTheJobForThatOneAlone() async throws {
        let (record, stage) = try await settled(.refusing(.number(2)), to: "a@example.org", "b@example.org")
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.recipients.map(\.status), [.sent, .failed])
        XCTAssertEqual(record.recipients[1].error, "550 5.1.1 no such user, the test says")
        try stage.capture.expectOne()
    }

    func testRefusedForNowIsTriedAgainWithWhoIsOwed() async throws {
        let stage = try Stage(
            capture: CaptureTransport(
                .refusing(.domain("EXAMPLE.net"), forNow: true, reply: .busy).onAttempts(...1)))
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org", "b@example.net"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.attempts, 2)
        XCTAssertEqual(stage.capture.mails.map(\.recipients), [["a@example.org", "b@example.net"], ["b@example.net"]])
        XCTAssertEqual(try stage.capture.expectOne(.attempt(2)).recipients, ["b@example.net"])
    }

    func testFailingTwiceWorksAtTheThirdAttempt() async throws {
        let stage = try Stage(capture: CaptureTransport(.failing().onAttempts(...2)))
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            await stage.clock.advance(toSleeperAt: .seconds(40))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.attempts, 3)
        XCTAssertEqual(
            stage.capture.mails.map(\.description),
            [
                "#1 to a@example.org: \"Invitation\" (failed: connectionFailed)",
                "#2 to a@example.org: \"Invitation\" (attempt 2, failed: connectionFailed)",
                "#3 to a@example.org: \"Invitation\" (attempt 3)",
            ])
    }

    func testFailingForGoodEndsTheJob() async throws {
        let (record, _) = try await settled(
            .failing(.refused, forGood: true, reply: Reply(code: 554, text: "no")), to: "a@example.org")
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.attempts, 1)
        XCTAssertEqual(record.error, "The test wants refused: 554 no")
    }

    func testAWaitAskedForUsesUpNoAttempt() async throws {
        for fault: CaptureFault in [
            .failing(.throttled, retryAfter: .seconds(60)).onMails(...1),
            .refusing(forNow: true, retryAfter: .seconds(60)).onMails(1...1),
        ] {
            let stage = try Stage(capture: CaptureTransport(fault))
            let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
            let record = try await stage.working {
                await stage.clock.advance(toSleeperAt: .seconds(60))
                return try await stage.settled(receipt.id)
            }
            XCTAssertEqual(record.state, .finished)
            XCTAssertEqual(record.attempts, 1)
            try stage.capture.expect(2)
        }
    }

    func testALostReplyIsTriedAgainOrHeldAsThePipelineSays() async throws {
        let stage = try Stage(capture: CaptureTransport(.losingReply().onAttempts(...1)))
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(stage.capture.mails.count, 2, "it was captured although its reply was lost")
        let holding = try Stage(capture: CaptureTransport(.losingReply(for: .address("B@example.org")))) {
            $0.unknownOutcomes(.hold)
        }
        let doubtful = try await holding.pipeline.submit(.sample(to: "a@example.org", "b@example.org"))
        let held = try await holding.working { try await holding.settled(doubtful.id) }
        XCTAssertEqual(held.state, .held)
        XCTAssertEqual(held.recipients.map(\.status), [.sent, .unknown])
    }

    func testAStalledDeliveryGoesOnWhenItIsReleased() async throws {
        let stage = try Stage(capture: CaptureTransport(.stalling))
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            let mail = try await stage.capture.mail()
            XCTAssertNil(mail.answer)
            let leased = try await stage.pipeline.status(of: receipt.id)
            XCTAssertEqual(leased?.state, .leased)
            stage.capture.release()
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.attempts, 1)
    }

    func testReleasingConcernsTheMailsCapturedSoFarHoweverFarTheyAre() async throws {
        let capture = CaptureTransport(.stalling)
        for round in 1...200 {
            async let outcome = capture.outcome(of: .club(to: "a@example.org"))
            try await capture.mails(atLeast: round)
            capture.release()
            let words = await outcome
            XCTAssertEqual(words, "a accepted")
        }
        let later = Task { await capture.outcome(of: .club(to: "a@example.org")) }
        try await capture.mails(atLeast: 201)
        XCTAssertNil(capture.mails[200].answer, "what comes after a release stalls again")
        later.cancel()
        let words = await later.value
        XCTAssertEqual(words, "throws cancelled")
    }

    func testAJobThatStallsPastItsLimitIsTriedAgain() async throws {
        let stage = try Stage(capture: CaptureTransport(.stalling.onAttempts(...1)))
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            _ = try await stage.capture.mail()
            await stage.clock.advance(toSleeperAt: .seconds(4000))
            await stage.clock.advance(toSleeperAt: .seconds(4010))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.attempts, 2)
        XCTAssertEqual(stage.capture.mails[0].description, "#1 to a@example.org: \"Invitation\" (failed: cancelled)")
    }

    func testAStallEndsAtTheMailsDeadlineInDoubtWhereTheReplyWasLost() async {
        let plain = await CaptureTransport(.stalling).outcome(of: .club(to: "a@x.org", within: .milliseconds(20)))
        XCTAssertEqual(plain, "throws timedOut")
        let taken = await CaptureTransport(.losingReply(for: .number(1)), .stalling)
            .outcome(of: .club(to: "a@x.org", "b@x.org", within: .milliseconds(20)))
        XCTAssertEqual(taken, "a unknown, b accepted")
    }

    func testAWorkerEndsPromptlyWhileAMailStalls() async throws {
        let stage = try Stage(capture: CaptureTransport(.losingReply(), .stalling)) { builder in
            builder.limits { $0.shutdownGrace = .seconds(5000) }
        }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let work = stage.work()
        _ = try await stage.capture.mail()
        work.cancel()
        await stage.clock.advance(toSleeperAt: .seconds(4000))
        _ = try await work.value
        let record = try await stage.pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.recipients.map(\.status), [.unknown])
    }

    func testFaultsAreAppliedInTheirOrderToThoseTheyConcern() async {
        let capture = CaptureTransport(
            .refusing(.domain("x.org")), .refusing(.address("B@x.org"), forNow: true),
            .losingReply(for: .matching { $0.address.hasPrefix("c") }), .failing(.unsupported).on(.subject("Big")))
        let mixed = await capture.outcome(of: .club(to: "a@x.org", "b@x.org", "c@x.org", "d@y.org"))
        XCTAssertEqual(mixed, "a refused, b refusedForNow, c unknown, d accepted")
        let thrown = await capture.outcome(of: .club(to: "a@x.org", subject: "Big"))
        XCTAssertEqual(thrown, "throws unsupported")
        capture.faults = []
        let well = await capture.outcome(of: .club(to: "a@x.org", subject: "Big"))
        XCTAssertEqual(well, "a accepted")
    }

    func testFaultsGoOverWhatAClosureAnswers() async {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, .accepted, route: "north")
        }
        capture.faults = [.refusing(.number(3)).onMails(2...)]
        let first = await capture.outcome(of: .club(to: "a@x.org", "b@x.org", "c@x.org"))
        XCTAssertEqual(first, "a accepted by north, b accepted by north, c accepted by north")
        let second = await capture.outcome(of: .club(to: "a@x.org", "b@x.org", "c@x.org"))
        XCTAssertEqual(second, "a accepted by north, b accepted by north, c refused by north")
    }

    func testChanceFallsTheSameWayForASeedWhateverTheOrderOfTheDeliveries() async {
        func failed(seed: UInt64, _ share: Double) async -> [Int] {
            let capture = CaptureTransport(.failing().byChance(share, seed: seed))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 { group.addTask { await capture.take(.club(to: "a@x.org")) } }
            }
            return capture.mails.filter { if case .failure = $0.answer { true } else { false } }.map(\.number)
        }
        let (one, same, other) = (await failed(seed: 7, 0.3), await failed(seed: 7, 0.3), await failed(seed: 8, 0.3))
        XCTAssertEqual(one, same)
        XCTAssertNotEqual(one, other)
        XCTAssertTrue((250...350).contains(one.count), "\(one.count)")
        let (never, always) = (await failed(seed: 7, 0), await failed(seed: 7, 1))
        XCTAssertEqual([never.count, always.count], [0, 1000])
    }

    func testAFaultOnAnotherChannelHasAReplyWithoutCode() async throws {
        let capture = CaptureTransport(.refusing())
        let report = try await capture.deliver(.sample(to: "17", channel: Channel(rawValue: "pager")))
        XCTAssertEqual(report.outcomes.map(\.reply?.description), ["no such user, the test says"])
    }

    /// Submits a message, works until it is settled, and answers its record.
    private func settled(_ fault: CaptureFault, to addresses: String...) async throws -> (JobRecord, Stage) {
        let stage = try Stage(capture: CaptureTransport(fault))
        let message = Message(
            from: "Club <club@example.org>", to: addresses.map { .to($0) }, subject: "Invitation", text: "Bonjour\n")
        let receipt = try await stage.pipeline.submit(message)
        return (try await stage.working { try await stage.settled(receipt.id) }, stage)
    }
}

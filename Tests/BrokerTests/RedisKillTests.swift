import Foundation
import Mailroom
import MailroomRedisBroker
import TestSupport
import XCTest

/// Real processes on a real server that brings everything to its disk, killed and stopped.
final class RedisKillTests: XCTestCase {
    func testEveryAcknowledgedJobEndsOnceWhoeverIsKilledOrFrozenAndWhateverItsClockSays() async throws {
        let begin = ContinuousClock.now
        let rounds = 60 * FaultRounds.factor
        var trial = try RedisKillTrial()
        for round in 0..<rounds { try await trial.round(round) }
        try await trial.finish()
        try await trial.check()
        print("survived \(rounds) rounds with \(trial.summary), in \(begin.duration(to: .now))")
    }

    func testAWorkerFrozenPastItsLeaseMergesWhatItDeliveredAndDecidesNothing() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let folder = TestFolder()
        let broker = server.broker("mailroom")
        try await FrozenWorker(
            broker, queue: "redis:\(server.port)", journal: folder.path + "/journal", lease: .seconds(1)
        ).check()
        await broker.shutdown()
    }
}

import Foundation
import Mailroom

/// `prune`: removes the records of jobs that were settled long ago.
struct PruneCommand: Command {
    let name = "prune"
    let summary = "removes the records of jobs that were settled long ago"
    let details = """
        It asks first. Workers do this by themselves every ten minutes, for as long as the pipeline keeps records. A job
        whose idempotency key is still alive stays.
        """
    let options: [Arguments.Option] = [
        .broker,
        .init("older-than", "TIME", "how long ago they were settled, such as 30d or 12h; needed"),
        .init("failed", "dead and held jobs, too; without it only finished ones"),
        .dryRun, .yes,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        guard let age = try arguments.time("older-than") else {
            throw UsageError("--older-than is missing, such as --older-than 30d")
        }
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        let states: Set<JobState> = arguments.has("failed") ? [.finished, .dead, .held] : [.finished]
        let limit = environment.time.now().addingTimeInterval(-(age / .seconds(1)))
        var count = 0
        try await broker.forEachBatch(JobQuery(states: states)) { jobs throws(BrokerError) in
            // None was settled before it was submitted. When it was settled, a record does not tell: an erasure changes
            // it later, say.
            count += jobs.count { min($0.createdAt, $0.updatedAt) < limit }
        }
        let kind = arguments.has("failed") ? "settled" : "finished"
        let plan =
            "Remove the records of at most \(Wording.jobs(count, kind)) of all queues, those that ended before "
            + "\(limit.formatted(.iso8601))"
        let status = try await undertaking.carryOut(plan, count: count) { _ in
            let done = try await broker.prune(settledBefore: limit, states: states)
            let kept = count - done
            return "\(Wording.jobs(done, kind)) removed"
                + (kept > 0 ? "; \(kept) stay: they ended later, or their idempotency keys are alive" : "")
        }
        await broker.shutdown()
        return status
    }
}

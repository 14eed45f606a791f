import Mailroom

/// `inspect`: looks into the queue and the pipeline.
struct InspectCommand: Command {
    let name = "inspect"
    let summary = "looks into the queue and the pipeline: jobs in hand, due later, workers, what is composed, measures"
    let operands: String? = "active | scheduled | workers | registered | stats"
    let details = """
        active      jobs in workers' hands: who has them, which attempt, how long the lease lasts
        scheduled   jobs that are due later: when, and why
        workers     who takes jobs, of which queues, and when they were last seen
        registered  what the pipeline is composed of: channels, retry policies, templates, queues, limits
        stats       of all jobs on record: shares delivered, retried and failed, what waits, the oldest ready job
        """
    let options: [Arguments.Option] = [
        .broker, .transport, .templates, .queues,
        .init("limit", "N", "how many rows of scheduled, the latest submitted (20)"), .format,
    ]

    private enum Subject: String, CaseIterable {
        case active
        case scheduled
        case workers
        case registered
        case stats
    }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let known = Subject.allCases.map(\.rawValue)
        guard arguments.operands.count == 1 else {
            throw UsageError("say what to look at, one of \(known.joined(separator: ", "))")
        }
        let word = arguments.operands[0]
        guard let subject = Subject(rawValue: word) else {
            throw UsageError(
                "there is nothing called \"\(word)\" to look at, but \(known.joined(separator: ", "))"
                    + Nearest.advice(to: word, among: known))
        }
        let format = try arguments.format()
        let queues = try arguments.queues()
        let limit = try arguments.number("limit") ?? 20
        if subject == .registered {
            let composition = try environment.registered(arguments)
            let counted = try await queueNames(arguments, in: environment)
            environment.console.write(Listing(registered: composition, queues: counted).text(as: format))
            return 0
        }
        let broker = try environment.administration(arguments)
        let listing: Listing
        switch subject {
        case .active: listing = Listing(active: try await broker.leasedJobs().filter { $0.job.queue.isIn(queues) })
        case .scheduled:
            let query = JobQuery(states: [.scheduled], queues: queues)
            listing = Listing(scheduled: try await broker.jobs(limit, matching: query))
            let total = try await broker.counts().of(queues).reduce(0) { $0 + $1[.scheduled] }
            if total > limit {
                environment.console.error("\(Wording.jobs(total - limit, "more")): --limit N shows more")
            }
        case .workers:
            let workers = try await broker.workers()
            listing = Listing(
                workers: workers.filter { queues.isEmpty || $0.queues.contains { queues.contains($0) } })
        case .stats, .registered:
            listing = try await Listing(
                statistics: broker.statistics(of: queues, now: environment.time.now()), as: format)
        }
        environment.console.write(listing.text(as: format))
        await broker.shutdown()
        return 0
    }

    /// The queues that have jobs; none where there is no broker or no store yet.
    private func queueNames(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> [QueueName] {
        guard environment.hasStore(arguments) else { return [] }
        let broker = try environment.administration(arguments)
        let counts = try await broker.counts()
        await broker.shutdown()
        return counts.map(\.queue)
    }
}

extension QueueName {
    fileprivate func isIn(_ queues: [QueueName]) -> Bool { queues.isEmpty || queues.contains(self) }
}

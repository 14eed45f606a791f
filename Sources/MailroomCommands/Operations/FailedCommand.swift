import Mailroom

/// `failed`: lists dead and held jobs with their causes.
struct FailedCommand: Command {
    let name = "failed"
    let summary = "lists dead and held jobs with their causes, the latest submitted first"
    let details = "A cause is the reason without what differs from job to job, which stands as …"
    let options: [Arguments.Option] = [
        .broker, .queues,
        .init("state", "STATE", "only dead or held ones"),
        .init("group-by", "cause", "counts them by cause, with an example and the latest time"),
        .init("limit", "N", "how many rows (20)"),
        .format,
    ]

    private enum State: String, CaseIterable {
        case dead
        case held
    }

    private enum Field: String, CaseIterable { case cause }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let format = try arguments.format()
        let queues = try arguments.queues()
        let limit = try arguments.number("limit") ?? 20
        var states: Set<JobState> = [.dead, .held]
        if let state = try arguments.choice("state", of: State.self) { states = state == .dead ? [.dead] : [.held] }
        let isGrouped = try arguments.choice("group-by", of: Field.self) != nil
        let broker = try environment.administration(arguments)
        let (listing, total): (Listing, Int)
        if isGrouped {
            let causes = try await broker.failureCauses(of: states, in: queues)
            (listing, total) = (Listing(causes: Array(causes.prefix(limit))), causes.count)
        } else {
            let counts = try await broker.counts().of(queues)
            let jobs = try await broker.jobs(limit, matching: JobQuery(states: states, queues: queues))
            listing = Listing(failed: jobs)
            total = counts.reduce(0) { sum, queue in sum + states.reduce(0) { $0 + queue[$1] } }
        }
        environment.console.write(listing.text(as: format))
        if total > limit {
            environment.console.error(
                isGrouped
                    ? "\(total - limit) more causes: --limit N shows more"
                    : "\(Wording.jobs(total - limit, "more")): --limit N shows more, --group-by cause counts them")
        }
        await broker.shutdown()
        return 0
    }
}

extension BrokerAdministration {
    /// The first of the jobs that match.
    func jobs(_ limit: Int, matching query: JobQuery) async throws(BrokerError) -> [JobRecord] {
        var query = query
        var jobs: [JobRecord] = []
        while jobs.count < limit {
            query.limit = min(1000, limit - jobs.count)
            let page = try await self.jobs(matching: query)
            jobs += page.jobs
            guard let next = page.next else { break }
            query.after = next
        }
        return jobs
    }
}

extension Listing {
    init(failed jobs: [JobRecord]) {
        self.init(
            columns: [
                "id", "queue", "state", "attempts", "failed_at", "recipients", "cause", "error", "created_at", "tags",
            ], tableColumns: ["id", "queue", "state", "attempts", "failed_at", "recipients", "cause"])
        for job in jobs {
            append([
                .text(job.id.description), .text(job.queue.rawValue), .text(job.state.description),
                .number(job.attempts), .time(job.updatedAt), .text(job.owedRecipients), .text(job.cause),
                .text(job.error ?? job.recipients.lazy.compactMap(\.error).first), .time(job.createdAt),
                .tags(job.tags),
            ])
        }
    }

    init(causes: [FailureCause]) {
        self.init(columns: ["count", "cause", "example", "latest"])
        for cause in causes {
            append([
                .number(cause.count), .text(cause.cause), .text(cause.example.description), .time(cause.latest),
            ])
        }
    }
}

extension JobRecord {
    /// Who does not have the message, three at most by name.
    var owedRecipients: String {
        let owed = recipients.filter { $0.status != .sent }.map(\.recipient.address)
        return owed.count > 4
            ? "\(owed.prefix(3).joined(separator: ", ")) and \(owed.count - 3) more" : owed.joined(separator: ", ")
    }
}

import Mailroom

/// `retry`: makes dead and held jobs ready again.
struct RetryCommand: Command {
    let name = "retry"
    let summary = "makes dead and held jobs ready again"
    let operands: String? = "ID… | --all | --cause CAUSE"
    let details = """
        Recipients that failed or are in doubt are owed the message once more, with attempts counted from 1; those who
        have it are not. With --all or --cause it asks first, since it may send many mails. Exit status: 0 all done,
        1 not all, 2 not understood, or nobody to ask.
        """
    let options: [Arguments.Option] = [
        .broker,
        .init("all", "retries all dead and held jobs"),
        .init("cause", "CAUSE", "retries those that failed for this cause, as failed --group-by cause shows it"),
        .init("queue", "A,B", "with --all or --cause: only these queues"),
        .dryRun, .yes,
    ]
    private let deed = NamedJobs.Deed(
        participle: "retried", states: [.dead, .held], rule: "only dead and held jobs are retried")

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let queues = try arguments.queues()
        let cause = arguments.has("cause") ? try arguments.required("cause") : nil
        let ways = [!arguments.operands.isEmpty, arguments.has("all"), cause != nil]
        guard ways.count(where: { $0 }) == 1 else {
            throw UsageError("say which jobs: their ids, or --all, or --cause CAUSE, and one of these only")
        }
        if ways[0] {
            guard queues.isEmpty else { throw UsageError("--queue goes with --all and --cause, not with ids") }
            return try await retry(arguments, in: environment)
        }
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        let (text, count) = try await chosen(cause, in: queues, of: broker)
        let status = try await undertaking.carryOut(
            "Retry \(text) \(Wording.queues(queues))", count: count, warning: "This may send as many mails."
        ) { progress in
            let done = try await broker.retryAll(in: queues, cause: cause) { done in
                progress?.show(min(done, count), of: count, failed: 0)
            }
            return "\(Wording.jobs(done)) retried"
        }
        await broker.shutdown()
        return status
    }

    private func retry(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        _ = try NamedJobs.ids(arguments.operands)
        let broker = try environment.administration(arguments)
        let jobs = try NamedJobs(arguments.operands, for: deed, of: broker, on: environment.console)
        let fit = try await jobs.fit()
        let status: Int32
        if arguments.has("dry-run") {
            environment.console.line("\(Wording.jobs(fit.count)) would be retried: this is a dry run")
            status = jobs.status(done: fit.count)
        } else {
            status = try await jobs.act(on: fit) { try await broker.retry($0) }
        }
        await broker.shutdown()
        return status
    }

    private func chosen(
        _ cause: String?, in queues: [QueueName], of broker: any BrokerAdministration
    ) async throws -> (text: String, count: Int) {
        guard let cause else {
            return Wording.jobs([.dead, .held], in: try await broker.counts().of(queues))
        }
        let count = try await broker.failureCauses(in: queues).first { $0.cause == cause }?.count ?? 0
        return ("\(Wording.jobs(count, "failed")) with the cause \"\(Console.printable(cause))\"", count)
    }
}

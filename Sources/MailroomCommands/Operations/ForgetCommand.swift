import Mailroom

/// `forget`: removes settled jobs from the record.
struct ForgetCommand: Command {
    let name = "forget"
    let summary = "removes settled jobs with all that is recorded of them"
    let operands: String? = "ID…"
    let details = "Only finished, dead and held jobs are removed; cancel one that waits first. It asks first."
    let options: [Arguments.Option] = [.broker, .dryRun, .yes]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        guard !(try NamedJobs.ids(arguments.operands).isEmpty) else { throw UsageError("say which jobs: their ids") }
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        let states: Set<JobState> = [.finished, .dead, .held]
        let deed = NamedJobs.Deed(
            participle: "removed", states: states, rule: "only finished, dead and held jobs are removed")
        let jobs = try NamedJobs(arguments.operands, for: deed, of: broker, on: environment.console)
        let fit = try await jobs.fit()
        var status: Int32 = jobs.status(done: fit.count)
        let queues = try await self.queues(of: fit, broker)
        let answer = try await undertaking.carryOut(
            "Remove \(Wording.jobs(fit.count))\(queues)", count: fit.count, warning: FlushCommand.warning
        ) { _ in
            status = try await jobs.act(on: fit) { try await broker.forget($0, in: states) }
            return nil
        }
        await broker.shutdown()
        return max(status, answer)
    }

    /// ` of queues a, b`, of the first thousand.
    private func queues(of jobs: [JobID], _ broker: any BrokerAdministration) async throws -> String {
        guard let records = broker as? any SendRecords, !jobs.isEmpty else { return "" }
        let found = try await records.records(of: Array(jobs.prefix(1000))).compactMap { $0?.queue.rawValue }
        return found.isEmpty ? "" : " \(Wording.queues(Set(found).sorted().map { QueueName($0) }))"
    }
}

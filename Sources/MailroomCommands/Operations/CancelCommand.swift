import Mailroom

/// `cancel`: ends jobs that wait.
struct CancelCommand: Command {
    let name = "cancel"
    let summary = "ends jobs that wait: they become dead, and can be retried"
    let operands: String? = "ID…"
    let details = "A job that a worker holds is on its way and cannot be cancelled."
    let options: [Arguments.Option] = [.broker]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        guard !(try NamedJobs.ids(arguments.operands).isEmpty) else { throw UsageError("say which jobs: their ids") }
        let broker = try environment.administration(arguments)
        let deed = NamedJobs.Deed(
            participle: "cancelled", states: [.scheduled, .ready],
            rule: "only jobs that wait, scheduled or ready, are cancelled")
        let jobs = try NamedJobs(arguments.operands, for: deed, of: broker, on: environment.console)
        let status = try await jobs.act(on: try await jobs.fit()) { try await broker.cancel($0, reason: "cancelled") }
        await broker.shutdown()
        return status
    }
}

import Mailroom

/// `flush`: removes all failed jobs.
struct FlushCommand: Command {
    let name = "flush"
    let summary = "removes all failed jobs, dead and held, with all that is recorded of them"
    let details = "It asks first. failed lists them, and retry makes them ready again instead."
    let options: [Arguments.Option] = [.broker, .queues, .dryRun, .yes]

    static let warning = "They cannot be retried then."

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let queues = try arguments.queues()
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        let (text, count) = Wording.jobs([.dead, .held], in: try await broker.counts().of(queues))
        let status = try await undertaking.carryOut(
            "Remove \(text) \(Wording.queues(queues))", count: count, warning: FlushCommand.warning
        ) { progress in
            let done = try await broker.flush(queues) { progress?.show(min($0, count), of: count, failed: 0) }
            return "\(Wording.jobs(done, "failed")) removed"
        }
        await broker.shutdown()
        return status
    }
}

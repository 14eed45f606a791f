import Mailroom

/// `clear`: removes all jobs that wait.
struct ClearCommand: Command {
    let name = "clear"
    let summary = "removes all jobs that wait, scheduled and ready: nobody gets these messages"
    let operands: String? = "--queue A,B | --all-queues"
    let details = "It asks first. Jobs in workers' hands stay, and so does what is settled."
    let options: [Arguments.Option] = [
        .broker, .queues, .init("all-queues", "all queues"), .dryRun, .yes,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let queues = try arguments.queues()
        guard arguments.operands.isEmpty, queues.isEmpty == arguments.has("all-queues") else {
            throw UsageError("say which queues: --queue A,B or --all-queues, one of both")
        }
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        let (text, count) = Wording.jobs([.scheduled, .ready], in: try await broker.counts().of(queues))
        let status = try await undertaking.carryOut(
            "Remove \(text) \(Wording.queues(queues))", count: count, warning: "Nobody gets these messages."
        ) { progress in
            let done = try await broker.clear(queues) { progress?.show(min($0, count), of: count, failed: 0) }
            return "\(Wording.jobs(done, "waiting")) removed"
        }
        await broker.shutdown()
        return status
    }
}

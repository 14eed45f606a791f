import Mailroom

/// `erase`: removes a recipient's address from everything that is stored.
struct EraseCommand: Command {
    let name = "erase"
    let summary = "removes a recipient's address, and what was written to it, from everything that is stored"
    let details = """
        It asks first. A job of this recipient alone is removed, whether it was sent or not. Of a settled job with other
        recipients the content and this recipient are removed, and the rest of its record stays. What a worker holds,
        or what waits with other recipients, is left and named, and the exit status is 1: erase again when it is settled.
        """
    let options: [Arguments.Option] = [
        .broker, .init("recipient", "ADDRESS", "the address; needed"), .dryRun, .yes,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let address = try arguments.required("recipient")
        let undertaking = try Undertaking(arguments, in: environment)
        let broker = try environment.administration(arguments)
        var sends = 1
        var text = ""
        if let records = broker as? any SendRecords {
            sends = try await records.sendCounts(matching: SendQuery(recipient: address)).values.reduce(0, +)
            text = " (\(sends) \(sends == 1 ? "send" : "sends") of all queues)"
        }
        let shown = Console.printable(address)
        var remaining: [JobID] = []
        let status = try await undertaking.carryOut("Erase \(shown)\(text)", count: sends) { _ in
            let erasure = try await broker.erase(recipient: address)
            remaining = erasure.remaining
            return "\(Wording.jobs(erasure.removed)) removed, \(Wording.jobs(erasure.redacted)) without \(shown) now"
        }
        if !remaining.isEmpty {
            environment.console.error(
                "\(Wording.jobs(remaining.count)) still \(remaining.count == 1 ? "names" : "name") it:")
            for (job, state) in zip(remaining, try await states(of: remaining, broker)) {
                environment.console.error("  \(job) \(reason(state))")
            }
        }
        await broker.shutdown()
        return remaining.isEmpty ? status : 1
    }

    private func states(of jobs: [JobID], _ broker: any BrokerAdministration) async throws -> [JobState?] {
        guard let records = broker as? any SendRecords else { return jobs.map { _ in nil } }
        return try await records.records(of: jobs).map { $0?.state }
    }

    private func reason(_ state: JobState?) -> String {
        switch state {
        case .leased: "is in a worker's hands: erase again when it is settled"
        case .scheduled, .ready: "waits with other recipients: erase again when it is settled, or cancel it first"
        default: "was not settled: erase again"
        }
    }
}

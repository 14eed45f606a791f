import Mailroom

/// `monitor`: counts jobs.
struct MonitorCommand: Command {
    let name = "monitor"
    let summary = "counts the jobs of each queue by state"
    let options: [Arguments.Option] = [.broker, .format]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let format = try arguments.format()
        guard let broker = try environment.broker(arguments) as? any BrokerAdministration else {
            throw UsageError("this broker's jobs cannot be counted")
        }
        let states: [JobState] = [.scheduled, .ready, .leased, .finished, .dead, .held]
        var listing = Listing(columns: ["queue"] + states.map(\.description))
        for counts in try await broker.counts() {
            listing.append([.text(counts.queue.rawValue)] + states.map { .number(counts[$0]) })
        }
        environment.console.write(listing.text(as: format))
        await broker.shutdown()
        return 0
    }
}

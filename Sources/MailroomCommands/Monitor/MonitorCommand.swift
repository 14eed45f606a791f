import Foundation
import Mailroom

/// `monitor`: counts jobs, once or until it is interrupted.
struct MonitorCommand: Command {
    let name = "monitor"
    let summary = "counts the jobs of each queue by state"
    let details = """
        failing is the share of dead and held jobs among those that are settled. With --watch it counts again whenever
        something happens, four times a second at most, and shows what happened since the last view and the latest
        failures; Ctrl-C ends it.
        """
    let options: [Arguments.Option] = [
        .broker, .queues,
        .init("watch", "goes on until Ctrl-C: redraws on a terminal, prints a block each time elsewhere"),
        .init("every", "TIME", "with --watch: how often to look where nothing happens (2s)"),
        .format,
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let format = try arguments.format()
        let queues = try arguments.queues()
        let every = try arguments.time("every")
        let watches = arguments.has("watch")
        guard watches || every == nil else { throw UsageError("--every goes with --watch") }
        guard !watches || format == .table else { throw UsageError("--watch shows tables: leave --format out") }
        let broker = try environment.administration(arguments)
        if watches {
            let watch = MonitorWatch(
                broker: broker, place: environment.brokerName(arguments), queues: queues, every: every ?? .seconds(2),
                time: environment.time, console: environment.console)
            try await watch.run()
        } else {
            let counts = try await broker.counts().of(queues)
            environment.console.write(Listing(counts: counts, as: format).text(as: format))
        }
        await broker.shutdown()
        return 0
    }
}

extension Listing {
    /// Jobs by queue and state; for people with a row for all queues, where there are several.
    init(counts: [QueueCounts], as format: Format) {
        let states: [JobState] = [.scheduled, .ready, .leased, .finished, .dead, .held]
        self.init(columns: ["queue"] + states.map(\.description) + ["total", "failing"])
        var sum = QueueCounts(queue: "(all)", jobs: [:])
        for queue in counts { sum.jobs.merge(queue.jobs, uniquingKeysWith: +) }
        for row in counts + (format == .table && counts.count != 1 ? [sum] : []) {
            append(
                [.text(row.queue.rawValue)] + states.map { .number(row[$0]) }
                    + [.number(row.jobs.values.reduce(0, +)), .share(row.failing)])
        }
    }
}

extension QueueCounts {
    /// The jobs that failed.
    var failed: Int { self[.dead] + self[.held] }

    /// Their share of what is settled.
    fileprivate var failing: Double? {
        let settled = self[.finished] + failed
        return settled == 0 ? nil : Double(failed) / Double(settled)
    }
}

import Foundation
import Mailroom

/// `work`: delivers what is queued.
struct WorkCommand: Command {
    let name = "work"
    let summary = "delivers what is queued, until it is told to stop"
    let details = """
        SIGTERM or Ctrl-C stops it gracefully: deliveries in hand finish, the rest goes back to the queue. A second
        signal ends it at once. Several may run on one queue. The exit status tells of the worker, not of the mail:
        for that, see sends.
        """
    let options: [Arguments.Option] = [
        .broker, .transport, .templates,
        .init("workers", "N", "deliveries made at once (2)"),
        .init("queue", "A,B", "the queues to take from, the first preferred (default)"),
        .init("tries", "N", "attempts a job, the first included; waits of 10, 30, then 90 s between them"),
        .init("delays", "S,S,…", "seconds between attempts, one less than tries (10,30)"),
        .init("timeout", "S", "seconds a job may take (60)"),
        .init("lease-duration", "S", "seconds until the jobs of a worker that died go to another, from 1 (30)"),
        .init("sleep", "S", "seconds to wait for a job before asking again (3)"),
        .init("max-time", "S", "stops after so many seconds"),
        .init("max-jobs", "N", "stops after so many deliveries were begun"),
        .init("stop-when-empty", "stops when no job is due"),
        .init("verbose", "prints every event"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let options = try workerOptions(arguments)
        let pipeline = try builder(arguments, in: environment).build()
        let console = environment.console
        let isVerbose = arguments.has("verbose")
        console.line("\(options.concurrency) workers on \(options.queues.map(\.rawValue).joined(separator: ", "))")
        let events = pipeline.events()
        let log = Task {
            var selection = WorkLog()
            for await event in events where isVerbose || selection.takes(event) {
                console.line("\(event.time.formatted(.iso8601)) \(event)")
            }
        }
        let result: Result<WorkSummary, any Error>
        do {
            let notice: @Sendable () -> Void = {
                console.line("stopping when the deliveries in hand have ended; another signal ends them at once")
            }
            result = .success(try await Interruption.cancelling(after: notice) { try await pipeline.run(options) })
        } catch {
            result = .failure(error)
        }
        let later = options.stopsWhenEmpty ? await jobsDueLater(in: options.queues, of: pipeline) : 0
        await pipeline.shutdown()
        await log.value
        let summary = try result.get()
        let ends = JobState.allCases.compactMap { state in
            summary.settled[state].map { "\($0) \(state)" }
        }
        console.line(
            "stopped after \(summary.attempts) attempts: \(ends.isEmpty ? "nothing settled" : ends.joined(separator: ", "))"
                + (later > 0 ? "; \(later) \(later == 1 ? "job is" : "jobs are") due later" : ""))
        return 0
    }

    /// What a worker leaves behind that stops when nothing is due.
    private func jobsDueLater(in queues: [QueueName], of pipeline: Pipeline) async -> Int {
        guard let broker = pipeline.broker as? any BrokerAdministration, let counts = try? await broker.counts()
        else { return 0 }
        return counts.filter { queues.contains($0.queue) }.map { $0[.scheduled] }.reduce(0, +)
    }

    private func builder(_ arguments: Arguments, in environment: CommandEnvironment) throws -> PipelineBuilder {
        var builder = try environment.builder(arguments)
        let tries = try arguments.number("tries")
        if tries != nil || arguments.has("delays") {
            builder = builder.retry(.delays(try delays(arguments, tries), attempts: tries))
        }
        if let timeout = try arguments.seconds("timeout") {
            builder = builder.limits { limits in
                limits.job = timeout
                limits.shutdownGrace = max(limits.shutdownGrace, timeout + .seconds(15))
            }
        }
        if let lease = try arguments.seconds("lease-duration") {
            // Extensions take a round trip each: a shorter lease is lost to a pause of the network.
            guard lease >= .seconds(1) else { throw UsageError("--lease-duration takes seconds from 1") }
            builder = builder.limits { limits in
                limits.lease = lease
                limits.leaseExtension = min(limits.leaseExtension, lease / 3)
            }
        }
        return builder
    }

    /// The waits between attempts: as listed, or the usual ones for a number of tries.
    private func delays(_ arguments: Arguments, _ tries: Int?) throws(UsageError) -> [Duration] {
        guard let text = arguments.text("delays") else {
            let usual = [10, 30, 90]
            return (0..<(tries ?? 1) - 1).map { .seconds($0 < usual.count ? usual[$0] : 90) }
        }
        var delays: [Duration] = []
        for part in text.split(separator: ",") {
            guard let seconds = Double(part), seconds >= 0, seconds < 1e9 else {
                throw UsageError("--delays takes seconds separated by commas, not \"\(text)\"")
            }
            delays.append(.milliseconds(Int64(seconds * 1000)))
        }
        return delays
    }

    private func workerOptions(_ arguments: Arguments) throws -> WorkerOptions {
        var options = WorkerOptions()
        if let workers = try arguments.number("workers") { options.concurrency = workers }
        let queues = try arguments.queues()
        if !queues.isEmpty { options.queues = queues }
        options.name = "\(ProcessInfo.processInfo.hostName)/\(ProcessInfo.processInfo.processIdentifier)"
        if let sleep = try arguments.seconds("sleep") { options.sleep = sleep }
        options.maximumTime = try arguments.seconds("max-time")
        options.maximumJobs = try arguments.number("max-jobs")
        options.stopsWhenEmpty = arguments.has("stop-when-empty")
        return options
    }
}

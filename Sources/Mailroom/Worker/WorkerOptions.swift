/// How a worker runs.
public struct WorkerOptions: Hashable, Sendable {
    /// Deliveries made at once.
    public var concurrency = 2
    /// The queues to take from, the first preferred.
    public var queues: [QueueName] = [.default]
    /// The worker's name, shown where leases are listed.
    public var name = ""
    /// How long the broker is asked to wait for a job before it is asked again.
    public var sleep: Duration = .seconds(3)
    /// Stops after this long; what is in hand finishes.
    public var maximumTime: Duration?
    /// Stops after so many deliveries were begun, those among them that were asked to wait.
    public var maximumJobs: Int?
    /// Stops when no job is due and none is in hand; what is scheduled for later stays.
    public var stopsWhenEmpty = false

    /// Two deliveries at once from the default queue, without end.
    public init() {}

    func problems() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if concurrency < 1 { problems.append(ConfigurationProblem("workers", "\(concurrency) is less than 1")) }
        if queues.isEmpty { problems.append(ConfigurationProblem("queues", "there are none to take jobs from")) }
        if sleep <= .zero { problems.append(ConfigurationProblem("sleep", "\(sleep) is not positive")) }
        if let maximumTime, maximumTime <= .zero {
            problems.append(ConfigurationProblem("maximum time", "\(maximumTime) is not positive"))
        }
        if let maximumJobs, maximumJobs < 1 {
            problems.append(ConfigurationProblem("maximum jobs", "\(maximumJobs) is less than 1"))
        }
        return problems
    }
}

/// What a worker did.
public struct WorkSummary: Hashable, Sendable {
    /// Attempts made. A delivery that was asked to wait, or was given back, is none.
    public var attempts = 0
    /// Jobs that ended finished, dead or held.
    public var settled: [JobState: Int] = [:]
}

/// Why a worker ended by itself.
public struct WorkerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened and what to do about it.
    public let reason: String

    /// The reason.
    public var description: String { reason }
}

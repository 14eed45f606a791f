/// A pipeline's time limits. They are checked against each other when the pipeline is built.
public struct PipelineLimits: Hashable, Sendable {
    /// How long one attempt may take, rendering included. Transports clamp their own waits to it.
    public var job: Duration = .seconds(60)
    /// How long a lease lasts without being extended: after this a dead worker's jobs go to another.
    public var lease: Duration = .seconds(30)
    /// How often leases are extended while work goes on. A third of the lease at most.
    public var leaseExtension: Duration = .seconds(10)
    /// How long a stopping worker may take. Longer than a job: deliveries in hand finish or reach the job's limit. A
    /// broker that fails while the worker stops is asked again to settle for this long. Give a supervisor a longer
    /// time still before it kills the worker.
    public var shutdownGrace: Duration = .seconds(75)

    /// The limits unless said otherwise: 60 s a job, leases of 30 s extended every 10 s, 75 s of grace.
    public init() {}

    func problems() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func require(_ holds: Bool, _ subject: String, _ reason: String) {
            if !holds { problems.append(ConfigurationProblem(subject, reason)) }
        }
        require(job > .zero, "job limit", "\(job) is not positive")
        require(lease > .zero, "lease", "\(lease) is not positive")
        require(leaseExtension > .zero, "lease extension", "\(leaseExtension) is not positive")
        require(
            lease >= leaseExtension * 3, "lease",
            "a lease of \(lease) must be at least three times the \(leaseExtension) between its extensions")
        require(
            job < shutdownGrace, "shutdown grace",
            "a grace of \(shutdownGrace) cannot let a job of up to \(job) finish: make it longer than the job limit")
        return problems
    }
}

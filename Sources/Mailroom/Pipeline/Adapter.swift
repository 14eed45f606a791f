/// What every adapter is: something a pipeline is composed of, checks once, and shuts down with itself.
public protocol Adapter: Sendable {
    /// What is contradictory or missing in this adapter's configuration, given the pipeline's. Asked once, when the
    /// pipeline is built; opens no connection and touches no file.
    func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem]

    /// Releases what the adapter holds: connections, threads, files. Called once, when nothing is in hand any more.
    func shutdown() async
}

extension Adapter {
    /// No problems.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] { [] }

    /// Nothing to release.
    public func shutdown() async {}
}

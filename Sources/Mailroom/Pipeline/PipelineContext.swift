/// What an adapter may know of the pipeline it is part of.
public struct PipelineContext: Sendable {
    /// The pipeline's time limits.
    public let limits: PipelineLimits

    package init(limits: PipelineLimits) { self.limits = limits }
}

/// A composed pipeline: takes messages in, runs workers, and tells what became of everything.
///
/// Made by ``PipelineBuilder``. One value serves a whole process; every call may be made from any task.
public final class Pipeline: Sendable {
    /// Where jobs are kept.
    public let broker: any Broker
    /// What it was built from, so that a variation of it can be built.
    package let composition: PipelineBuilder
    let transports: [Channel: any Transport]
    let renderer: (any Renderer)?
    let policies: [String: any RetryPolicy]
    let limits: PipelineLimits
    package let fallback: Fallback
    let unknownOutcomes: UnknownOutcomes
    let retention: Retention
    let time: any TimeSource
    let random: any RandomSource
    let utcOffsetMinutes: Int
    let check: MessageCheck
    let hub = EventHub()
    let jobWatch: JobWatch?

    init(_ builder: PipelineBuilder, broker: any Broker) {
        self.broker = broker
        composition = builder
        transports = builder.transports
        renderer = builder.renderer
        var policies = builder.policies
        if policies[""] == nil { policies[""] = PipelineBuilder.defaultPolicy }
        self.policies = policies
        check = MessageCheck(
            channels: Set(builder.transports.keys), renderer: builder.renderer, policies: Set(policies.keys))
        limits = builder.limits
        fallback = builder.fallback
        unknownOutcomes = builder.unknownOutcomes
        retention = builder.retention
        time = builder.time
        random = builder.random
        utcOffsetMinutes = builder.utcOffsetMinutes
        jobWatch = (broker as? any EventFeed).map { JobWatch($0, time: builder.time) }
    }

    /// What happens in this process from now on: submissions, attempts, outcomes. Other processes' events are not
    /// among them. A listener that falls 10,000 events behind loses the oldest.
    public func events() -> AsyncStream<PipelineEvent> { hub.listen() }

    /// Releases connections, threads and files. Call it when no worker runs and nothing is being submitted.
    public func shutdown() async {
        for transport in transports.values { await transport.shutdown() }
        await renderer?.shutdown()
        await broker.shutdown()
        hub.finish()
    }

    func emit(_ kind: @autoclosure () -> PipelineEvent.Kind, job: JobID?) {
        hub.send(PipelineEvent(time: time.now(), job: job, kind: kind()))
    }
}

/// Composes a pipeline.
///
/// A value: every call answers a changed copy, so a composition can be kept and varied, as a test does that swaps one
/// transport for another. Nothing is checked or opened before ``build()``.
///
/// ```swift
/// let pipeline = try PipelineBuilder()
///     .broker(.file("queue"))
///     .transport(.smtp("mail.example.org", port: 25))
///     .retry(.delays([.seconds(10), .seconds(30), .seconds(90)]))
///     .build()
/// ```
public struct PipelineBuilder: Sendable {
    var broker: (any Broker)?
    var transports: [Channel: any Transport] = [:]
    var channels: Set<Channel> = []
    var renderer: (any Renderer)?
    var policies: [String: any RetryPolicy] = [:]
    var limits = PipelineLimits()
    var fallback = Fallback.none
    var unknownOutcomes = UnknownOutcomes.retry
    var retention = Retention()
    var time: any TimeSource = .system
    var random: any RandomSource = .system
    var utcOffsetMinutes = 0

    /// An empty composition: it needs a broker and a transport.
    public init() {}

    /// Where jobs are kept. Replaces an earlier one.
    public func broker(_ broker: some Broker) -> PipelineBuilder { with { $0.broker = broker } }

    /// What delivers a channel's messages. Replaces the channel's earlier one.
    public func transport(_ transport: some Transport, for channel: Channel = .email) -> PipelineBuilder {
        with { $0.transports[channel] = transport }
    }

    /// The channels that the app is going to use; each must have a transport.
    public func channels(_ channels: Channel...) -> PipelineBuilder { with { $0.channels.formUnion(channels) } }

    /// What turns documents into letters. Replaces an earlier one.
    public func renderer(_ renderer: some Renderer) -> PipelineBuilder { with { $0.renderer = renderer } }

    /// When to try again: the default for all messages. Unless said, `.delays` of 10, 30 and 90 s.
    public func retry(_ policy: some RetryPolicy) -> PipelineBuilder { with { $0.policies[""] = policy } }

    /// A policy that messages name in ``SubmitOptions/retryPolicy``.
    public func retry(_ policy: some RetryPolicy, named name: String) -> PipelineBuilder {
        with { $0.policies[name] = policy }
    }

    /// Changes time limits.
    public func limits(_ change: (inout PipelineLimits) -> Void) -> PipelineBuilder { with { change(&$0.limits) } }

    /// What to do when the broker certainly stored nothing. Unless said, submitting throws.
    public func fallback(_ fallback: Fallback) -> PipelineBuilder { with { $0.fallback = fallback } }

    /// What to do about recipients whose outcome is in doubt. Unless said, they are tried again.
    public func unknownOutcomes(_ choice: UnknownOutcomes) -> PipelineBuilder { with { $0.unknownOutcomes = choice } }

    /// How long records of settled jobs are kept.
    public func retention(_ retention: Retention) -> PipelineBuilder { with { $0.retention = retention } }

    /// The clock; give the broker the same.
    public func time(_ time: some TimeSource) -> PipelineBuilder { with { $0.time = time } }

    /// Where job ids and jitter take their random numbers.
    public func random(_ random: some RandomSource) -> PipelineBuilder { with { $0.random = random } }

    /// The offset from UTC, in minutes, that messages are dated with. Unless said, 0.
    public func utcOffset(minutes: Int) -> PipelineBuilder { with { $0.utcOffsetMinutes = minutes } }

    /// Checks the whole composition, every adapter included, and refuses it with all that is wrong at once. Opens
    /// nothing: connections and files are touched when they are first needed.
    public func build() throws(ConfigurationError) -> Pipeline {
        var problems = limits.problems() + retention.problems()
        let context = PipelineContext(limits: limits)
        if broker == nil { problems.append(ConfigurationProblem("broker", "there is none: add one with broker(_:)")) }
        if transports.isEmpty {
            problems.append(ConfigurationProblem("transport", "there is none: add one with transport(_:)"))
        }
        for channel in channels.sorted(by: { $0.rawValue < $1.rawValue }) where transports[channel] == nil {
            problems.append(ConfigurationProblem("channel \(channel)", "it has no transport"))
        }
        for (name, policy) in policies.sorted(by: { $0.key < $1.key }) {
            let subject = name.isEmpty ? "retry policy" : "retry policy \"\(name)\""
            problems += policy.configurationProblems().map { ConfigurationProblem(subject, $0.reason) }
        }
        if abs(utcOffsetMinutes) > 14 * 60 {
            problems.append(ConfigurationProblem("UTC offset", "\(utcOffsetMinutes) minutes is no time zone's"))
        }
        problems += broker?.configurationProblems(in: context) ?? []
        for (_, transport) in transports.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            problems += transport.configurationProblems(in: context)
        }
        problems += renderer?.configurationProblems(in: context) ?? []
        guard problems.isEmpty, let broker else { throw ConfigurationError(problems) }
        return Pipeline(self, broker: broker)
    }

    /// The broker so far.
    package var currentBroker: (any Broker)? { broker }

    /// Whether there is a transport for mail so far.
    package var hasTransport: Bool { transports[.email] != nil }

    /// The time limits so far.
    package var currentLimits: PipelineLimits { limits }

    /// The transports so far, by the names of their channels.
    package var currentTransports: [any Transport] { currentChannels.map(\.transport) }

    /// The channels and their transports so far, sorted by name.
    package var currentChannels: [(channel: Channel, transport: any Transport)] {
        transports.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }

    /// The channels that the app said it is going to use.
    package var declaredChannels: Set<Channel> { channels }

    /// The retry policies so far, sorted by name; the default one's is empty.
    package var currentPolicies: [(name: String, policy: any RetryPolicy)] {
        policies.merging(["": PipelineBuilder.defaultPolicy]) { said, _ in said }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The renderer so far.
    package var currentRenderer: (any Renderer)? { renderer }

    /// The retention so far.
    package var currentRetention: Retention { retention }

    /// The clock so far.
    package var currentTime: any TimeSource { time }

    static let defaultPolicy: any RetryPolicy = .delays([.seconds(10), .seconds(30), .seconds(90)])

    private func with(_ change: (inout PipelineBuilder) -> Void) -> PipelineBuilder {
        var copy = self
        change(&copy)
        return copy
    }
}

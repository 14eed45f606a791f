import Mailroom

/// What a pipeline is composed of, for people.
struct Registered {
    /// The composition.
    var composition: PipelineBuilder
    /// The URL of the transport for mail, without credentials, where one is named.
    var transportURL: String?
}

extension CommandEnvironment {
    /// The composition that a worker with these options would have.
    func registered(_ arguments: Arguments) throws -> Registered {
        var builder = try composition(arguments)
        if let renderer = try renderer(arguments) { builder = builder.renderer(renderer) }
        return Registered(
            composition: builder, transportURL: try transportURL(arguments).map { try AdapterURL($0).description })
    }
}

extension Listing {
    init(registered: Registered, queues: [QueueName]) {
        self.init(columns: ["kind", "name", "value"])
        let composition = registered.composition
        func add(_ kind: String, _ name: String, _ value: String) {
            append([.text(kind), .text(name), .text(value)])
        }
        for (channel, transport) in composition.currentChannels {
            let url = channel == .email ? registered.transportURL : nil
            add("channel", channel.rawValue, url ?? "\(type(of: transport))")
        }
        for (name, policy) in composition.currentPolicies {
            add("retry policy", name.isEmpty ? "(default)" : name, policy.plan)
        }
        if let renderer = composition.currentRenderer {
            add("renderer", "\(type(of: renderer))", "")
            for template in (renderer as? any TemplateListing)?.templateNames ?? [] { add("template", template, "") }
        }
        for queue in queues { add("queue", queue.rawValue, "") }
        let limits = composition.currentLimits
        add("limit", "job", limits.job.words)
        add("limit", "lease", "\(limits.lease.words), extended every \(limits.leaseExtension.words)")
        add("limit", "shutdown grace", limits.shutdownGrace.words)
        let retention = composition.currentRetention
        add("retention", "finished", retention.finished.words)
        add("retention", "dead and held", retention.failed?.words ?? "until a person removes them")
    }
}

extension RetryPolicy {
    /// `4 attempts, after 10 s, 30 s, 90 s`: asked of the policy, step by step.
    fileprivate var plan: String {
        let most = 12
        var waits: [Duration] = []
        var elapsed = Duration.zero
        while waits.count < most {
            let failure = FailedAttempt(attempt: waits.count + 1, cause: .workerLost, elapsed: elapsed)
            guard case .retry(let wait) = decision(for: failure) else { break }
            waits.append(wait)
            elapsed += wait
        }
        guard !waits.isEmpty else { return "1 attempt" }
        let list = waits.map(\.words).joined(separator: ", ")
        return waits.count == most
            ? "more than \(most) attempts, after \(list), …" : "\(waits.count + 1) attempts, after \(list)"
    }
}

extension Duration {
    /// Such as `30 s` or `1.5 s`.
    fileprivate var words: String {
        let seconds = self / .seconds(1)
        return seconds == seconds.rounded() && abs(seconds) < 1e12
            ? (Int(seconds) >= 86_400 && Int(seconds) % 86_400 == 0
                ? "\(Int(seconds) / 86_400) d" : "\(Int(seconds)) s")
            : "\((seconds * 1000).rounded() / 1000) s"
    }
}

/// The schemes an executable knows.
///
/// Those of transports made of others are always among them: `failover(…)`, `roundrobin(…)`, `throttled(…)` and
/// `breaker(…)`. A scheme of the same name replaces one.
public struct AdapterSchemes: Sendable {
    /// Those of transports.
    public var transports: [TransportScheme]
    /// Those of brokers.
    public var brokers: [BrokerScheme]

    /// The schemes of these adapters.
    public init(transports: [TransportScheme] = [], brokers: [BrokerScheme] = []) {
        self.transports = transports
        self.brokers = brokers
    }

    /// The transport that a URL names.
    public func transport(_ text: String) throws(ConfigurationError) -> any Transport {
        let names = Set(transports.map(\.name))
        let schemes = transports + TransportScheme.decorators.filter { !names.contains($0.name) }
        return try SchemeReader(schemes: schemes, kind: "transport").adapter(text).adapter
    }

    /// The broker that a URL names, and whether its jobs outlive the process.
    public func broker(_ text: String) throws(ConfigurationError) -> (broker: any Broker, isDurable: Bool) {
        let (broker, isDurable) = try SchemeReader(schemes: brokers, kind: "broker").adapter(text)
        return (broker, isDurable)
    }
}

/// Makes what a URL names, its parts first. Says all problems at once, each with where it is.
private struct SchemeReader<Adapter> {
    let schemes: [AdapterScheme<Adapter>]
    let kind: String

    func adapter(_ text: String) throws(ConfigurationError) -> (adapter: Adapter, isDurable: Bool) {
        try adapter(AdapterURLParser.url(text, known: schemes.map(\.name)))
    }

    private func adapter(_ url: AdapterURL) throws(ConfigurationError) -> (adapter: Adapter, isDurable: Bool) {
        guard let scheme = schemes.first(where: { $0.name == url.scheme }) else {
            let known = "known are " + schemes.map(\.form).joined(separator: ", ")
            let advice = Nearest.advice(to: url.scheme, among: schemes.map(\.name))
            throw ConfigurationError([
                ConfigurationProblem(
                    kind,
                    url.hidesWords
                        ? "its scheme is unknown; \(known)\(advice)"
                        : "there is no scheme \"\(url.scheme)\(url.isComposed ? "()" : ":")\" for it; \(known)\(advice)"
                )
            ])
        }
        var problems = scheme.problems(of: url)
        var parts: [Adapter] = []
        var isDurable = scheme.isDurable
        for (index, part) in url.parts.enumerated() where scheme.parts != nil {
            do throws(ConfigurationError) {
                let made = try adapter(part)
                parts.append(made.adapter)
                isDurable = isDurable && made.isDurable
            } catch {
                problems += error.problems.map { $0.located("part \(index + 1) of \(scheme.name)") }
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return (try scheme.make(url, parts), isDurable)
    }
}

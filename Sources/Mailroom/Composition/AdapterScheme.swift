/// Makes an adapter from a URL: how a transport or a broker is named on a command line or in an environment variable.
///
/// An adapter offers one as a static member, ours and anyone's:
///
/// ```swift
/// extension AdapterScheme where Adapter == any Transport {
///     public static var pigeon: Self {
///         Self("pigeon", options: ["loft"]) { url in PigeonTransport(loft: url["loft"] ?? "home") }
///     }
/// }
/// ```
public struct AdapterScheme<Adapter>: Sendable {
    /// The scheme, in lower case.
    public let name: String
    /// How many parts it takes in parentheses; `nil` where it takes none and is written without them.
    public let parts: ClosedRange<Int>?
    /// The names of the options it knows. Others are refused, and so is giving one twice.
    public let options: [String]
    /// Whether what it makes outlives the process: commands that end at once refuse a broker that does not.
    public let isDurable: Bool
    let make: @Sendable (AdapterURL, [Adapter]) throws(ConfigurationError) -> Adapter

    /// A scheme. The closure reads the URL and opens nothing.
    public init(
        _ name: String, options: [String] = [], isDurable: Bool = true,
        make: @escaping @Sendable (AdapterURL) throws(ConfigurationError) -> Adapter
    ) {
        self.name = name
        self.parts = nil
        self.options = options
        self.isDurable = isDurable
        self.make = { url, _ throws(ConfigurationError) in try make(url) }
    }

    /// A scheme of an adapter that is made of others, as in `twice(smtp://a,smtp://b)?option=value`. The closure gets
    /// the adapters of the parts, in order.
    public init(
        _ name: String, parts: ClosedRange<Int>, options: [String] = [], isDurable: Bool = true,
        make: @escaping @Sendable (AdapterURL, [Adapter]) throws(ConfigurationError) -> Adapter
    ) {
        self.name = name
        self.parts = parts
        self.options = options
        self.isDurable = isDurable
        self.make = make
    }

    /// How it is written, to tell it apart in a list.
    var form: String { parts == nil ? "\(name):" : "\(name)()" }

    /// What is wrong with the URL as far as the scheme says.
    func problems(of url: AdapterURL) -> [ConfigurationProblem] {
        var reasons = countProblem(of: url).map { [$0] } ?? []
        let known = options.isEmpty ? "it has none" : "it has \(options.joined(separator: ", "))"
        for (position, option) in url.options.enumerated() where !options.contains(option.name) {
            let advice = Nearest.advice(to: option.name, among: options)
            reasons.append(
                url.hidesWords
                    ? "option \(position + 1) is none of its options: \(known)\(advice)"
                    : "there is no option \"\(option.name)\": \(known)\(advice)")
        }
        for name in options where url.options.count(where: { $0.name == name }) > 1 {
            reasons.append("the option \(name) is given more than once: keep one")
        }
        return reasons.map { ConfigurationProblem("\(name) URL", $0) }
    }

    private func countProblem(of url: AdapterURL) -> String? {
        guard let parts else {
            return url.isComposed ? "it has no parts in parentheses: write \(name): and what belongs to it" : nil
        }
        guard url.isComposed else {
            return "it is made of others: write \(name)(…) with their URLs between the parentheses"
        }
        guard !parts.contains(url.parts.count) else { return nil }
        let count = { (count: Int) in "\(count) part\(count == 1 ? "" : "s")" }
        let wanted =
            parts.lowerBound == parts.upperBound
            ? "takes \(count(parts.lowerBound))"
            : url.parts.count < parts.lowerBound
                ? "takes at least \(count(parts.lowerBound))" : "takes at most \(count(parts.upperBound))"
        return "it \(wanted), not \(url.parts.count); write a comma that separates nothing as %2C"
    }
}

/// A URL scheme that names a transport.
public typealias TransportScheme = AdapterScheme<any Transport>

/// A URL scheme that names a broker.
public typealias BrokerScheme = AdapterScheme<any Broker>

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
    /// The names of the options it knows; others are refused.
    public let options: [String]
    /// Whether what it makes outlives the process: commands that end at once refuse a broker that does not.
    public let isDurable: Bool
    private let make: @Sendable (AdapterURL) throws(ConfigurationError) -> Adapter

    /// A scheme. The closure reads the URL and opens nothing.
    public init(
        _ name: String, options: [String] = [], isDurable: Bool = true,
        make: @escaping @Sendable (AdapterURL) throws(ConfigurationError) -> Adapter
    ) {
        self.name = name
        self.options = options
        self.isDurable = isDurable
        self.make = make
    }

    func adapter(from url: AdapterURL) throws(ConfigurationError) -> Adapter {
        let unknown = url.options.map(\.name).filter { !options.contains($0) }
        // What follows a ? in a password looks like options: it is not repeated.
        guard !unknown.contains(where: { $0.contains("@") }) else {
            throw ConfigurationError([
                ConfigurationProblem("\(name) URL", "in user and password write ?, & and @ as %3F, %26 and %40")
            ])
        }
        guard unknown.isEmpty else {
            let known = options.isEmpty ? "it has none" : "it has \(options.joined(separator: ", "))"
            throw ConfigurationError(
                unknown.map { ConfigurationProblem("\(name) URL", "there is no option \"\($0)\": \(known)") })
        }
        return try make(url)
    }
}

/// A URL scheme that names a transport.
public typealias TransportScheme = AdapterScheme<any Transport>

/// A URL scheme that names a broker.
public typealias BrokerScheme = AdapterScheme<any Broker>

/// The schemes an executable knows.
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
        let url = try AdapterURL(text)
        return try AdapterSchemes.scheme(url, among: transports, "transport").adapter(from: url)
    }

    /// The broker that a URL names, and whether its jobs outlive the process.
    public func broker(_ text: String) throws(ConfigurationError) -> (broker: any Broker, isDurable: Bool) {
        let url = try AdapterURL(text)
        let scheme = try AdapterSchemes.scheme(url, among: brokers, "broker")
        return (try scheme.adapter(from: url), scheme.isDurable)
    }

    private static func scheme<Adapter>(
        _ url: AdapterURL, among schemes: [AdapterScheme<Adapter>], _ kind: String
    ) throws(ConfigurationError) -> AdapterScheme<Adapter> {
        if let scheme = schemes.first(where: { $0.name == url.scheme }) { return scheme }
        let known = schemes.map { "\($0.name):" }.joined(separator: ", ")
        throw ConfigurationError([
            ConfigurationProblem(kind, "there is no scheme \"\(url.scheme):\" for it; known are \(known)")
        ])
    }
}

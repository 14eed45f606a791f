extension AdapterScheme where Adapter == any Transport {
    /// Transports made of others, known to every executable.
    static var decorators: [Self] { [failover, roundRobin, throttled, breaker] }

    /// `failover(smtp://a,smtp://b)`: the first that takes the mail.
    private static var failover: Self {
        Self("failover", parts: 1...Int.max) { _, parts throws(ConfigurationError) in TransportGroup.failover(parts) }
    }

    /// `roundrobin(smtp://a,smtp://b)`: in rotation.
    private static var roundRobin: Self {
        Self("roundrobin", parts: 1...Int.max) { _, parts throws(ConfigurationError) in
            TransportGroup.roundRobin(parts)
        }
    }

    /// `throttled(smtp://a)?rate=100/m`, with `burst=20`, `count=recipients` and `patience=5s`.
    private static var throttled: Self {
        Self("throttled", parts: 1...1, options: ["rate", "burst", "count", "patience"]) {
            url, parts throws(ConfigurationError) in
            var reader = OptionReader(url)
            let rate = reader.rate("rate")
            let burst = reader.count("burst") ?? 1
            let counts = reader.choice("count", ["mails", "recipients"]) ?? "mails"
            let patience = reader.duration("patience") ?? .seconds(5)
            if url["rate"] == nil { reader.refuse("it needs a rate: add ?rate=10/s") }
            try reader.finish()
            return parts[0].throttled(
                to: rate?.count ?? 1, per: rate?.period ?? .seconds(1), burst: burst,
                countsRecipients: counts == "recipients", patience: patience)
        }
    }

    /// `breaker(smtp://a)?after=5&cooldown=30s`, with `longest=10m`.
    private static var breaker: Self {
        Self("breaker", parts: 1...1, options: ["after", "cooldown", "longest"]) {
            url, parts throws(ConfigurationError) in
            var reader = OptionReader(url)
            let failures = reader.count("after") ?? 5
            let coolDown = reader.duration("cooldown") ?? .seconds(30)
            let longest = reader.duration("longest") ?? max(.seconds(600), coolDown)
            try reader.finish()
            return parts[0].circuitBreaker(after: failures, coolDown: coolDown, longestCoolDown: longest)
        }
    }
}

/// Reads options as what they stand for and collects what is wrong with them. Values are not repeated in errors: they
/// could be of a password that was not percent-encoded.
private struct OptionReader {
    private let url: AdapterURL
    private var reasons: [String] = []

    init(_ url: AdapterURL) { self.url = url }

    mutating func refuse(_ reason: String) { reasons.append(reason) }

    func finish() throws(ConfigurationError) {
        guard reasons.isEmpty else {
            throw ConfigurationError(reasons.map { ConfigurationProblem("\(url.scheme) URL", $0) })
        }
    }

    mutating func count(_ name: String) -> Int? {
        read(name, "a whole number from 1, such as 20") { Self.number($0[...]) }
    }

    mutating func duration(_ name: String) -> Duration? {
        read(name, "a time in ms, s, m, h or d, such as 30s") { Self.duration($0[...]) }
    }

    mutating func rate(_ name: String) -> (count: Int, period: Duration)? {
        read(name, "a number and a time, such as 10/s or 500/15m") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let count = Self.number(parts[0]) else { return nil }
            let period = parts[1].first?.isNumber == true ? Self.duration(parts[1]) : Self.duration("1" + parts[1])
            guard let period, period > .zero else { return nil }
            return (count, period)
        }
    }

    mutating func choice(_ name: String, _ choices: [String]) -> String? {
        read(name, choices.joined(separator: " or ")) { choices.contains($0) ? $0 : nil }
    }

    private mutating func read<Value>(_ name: String, _ form: String, _ value: (String) -> Value?) -> Value? {
        guard let text = url[name] else { return nil }
        guard let value = value(text) else {
            reasons.append("\(name) is \(form)")
            return nil
        }
        return value
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), (1...1_000_000_000).contains(number)
        else { return nil }
        return number
    }

    private static func duration(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Duration] = [
            "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(86_400),
        ]
        guard let unit = units[text[digits.endIndex...]] else { return nil }
        return digits == "0" ? .zero : number(digits).map { unit * $0 }
    }
}

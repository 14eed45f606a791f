extension AdapterScheme where Adapter == any Transport {
    /// Transports made of others, known to every executable.
    package static var decorators: [Self] { [failover, roundRobin, throttled, breaker] }

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

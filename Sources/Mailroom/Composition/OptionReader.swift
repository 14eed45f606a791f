/// Reads options as what they stand for and collects what is wrong with them. Values are not repeated in errors: they
/// could be of a password that was not percent-encoded.
package struct OptionReader {
    private let url: AdapterURL
    private var reasons: [String] = []

    package init(_ url: AdapterURL) { self.url = url }

    /// Adds a problem.
    package mutating func refuse(_ reason: String) { reasons.append(reason) }

    /// Throws everything that was wrong, if anything was.
    package func finish() throws(ConfigurationError) {
        guard reasons.isEmpty else {
            throw ConfigurationError(reasons.map { ConfigurationProblem("\(url.scheme) URL", $0) })
        }
    }

    /// A whole number from 1.
    package mutating func count(_ name: String) -> Int? {
        read(name, "a whole number from 1, such as 20") { Self.number($0[...]) }
    }

    /// A time with its unit, such as `30s`; none at all only where that means something.
    package mutating func duration(_ name: String, orNone: Bool = false) -> Duration? {
        read(name, "a time in ms, s, m, h or d\(orNone ? "" : " above zero"), such as 30s") { text in
            Self.duration(text[...]).flatMap { orNone || $0 > .zero ? $0 : nil }
        }
    }

    /// A number in a time, such as `10/s`.
    package mutating func rate(_ name: String) -> (count: Int, period: Duration)? {
        read(name, "a number and a time, such as 10/s or 500/15m") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let count = Self.number(parts[0]) else { return nil }
            let period = parts[1].first?.isNumber == true ? Self.duration(parts[1]) : Self.duration("1" + parts[1])
            guard let period, period > .zero else { return nil }
            return (count, period)
        }
    }

    /// One of some words.
    package mutating func choice(_ name: String, _ choices: [String]) -> String? {
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

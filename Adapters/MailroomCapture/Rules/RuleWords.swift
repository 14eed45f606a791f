/// The words of a rule: names, most with values.
struct RuleWords {
    struct Word: Equatable {
        let name: String
        let value: String?
    }

    private(set) var words: [Word] = []

    /// Splits a text at blanks outside of quotes.
    init(_ text: String) throws(CaptureRuleError) {
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop(while: Self.isBlank)
            guard !rest.isEmpty else { return }
            let name = rest.prefix { !Self.isBlank($0) && $0 != "=" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else {
                words.append(Word(name: String(name), value: nil))
                continue
            }
            rest = rest.dropFirst()
            if let quote = rest.first, quote == "'" || quote == "\"" {
                rest = rest.dropFirst()
                words.append(Word(name: String(name), value: try Self.unquote(&rest, until: quote, of: String(name))))
                guard rest.first.map(Self.isBlank) ?? true else {
                    throw CaptureRuleError("A blank must follow the value of “\(name)” after its closing quote.")
                }
            } else {
                let value = rest.prefix { !Self.isBlank($0) }
                rest = rest.dropFirst(value.count)
                words.append(Word(name: String(name), value: String(value)))
            }
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || ("\t"..."\r").contains(scalar) }

    private static func unquote(
        _ rest: inout Substring.UnicodeScalarView, until quote: Unicode.Scalar, of name: String
    ) throws(CaptureRuleError) -> String {
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(value) }
            if scalar == "\\", let next = rest.popFirst() {
                value.append(next == "n" ? "\n" : next)
            } else {
                value.append(scalar)
            }
        }
        throw CaptureRuleError("The value of “\(name)” lacks its closing \(quote).")
    }

    /// A value as it stands in a rule's text.
    static func quoted(_ value: String) -> String {
        let scalars = value.unicodeScalars
        guard scalars.isEmpty || scalars.contains(where: { isBlank($0) || "'\"\\".unicodeScalars.contains($0) }) else {
            return value
        }
        var quoted = "'".unicodeScalars
        for scalar in scalars {
            if scalar == "'" || scalar == "\\" || scalar == "\n" { quoted.append("\\") }
            quoted.append(scalar == "\n" ? "n" : scalar)
        }
        quoted.append("'")
        return String(quoted)
    }
}

extension CaptureRule {
    /// The conditions and actions that are not as in a rule that does nothing.
    var words: [RuleWords.Word] {
        var words: [RuleWords.Word] = []
        func add(_ name: String, _ value: String?) { words.append(.init(name: name, value: value)) }
        if let sender { add("from", sender) }
        if let recipient { add("to", recipient) }
        if let domain { add("domain", domain) }
        if skipping != 0 { add("skip", "\(skipping)") }
        if every != 1 { add("every", "\(every)") }
        if let limit { add("limit", "\(limit)") }
        if chance != 1 { add("chance", "\(chance)") }
        if let reply { add("reply", reply.description) }
        if delay != .zero { add("delay", Self.text(delay)) }
        if let dripInterval { add("drip", dripInterval == .zero ? nil : Self.text(dripInterval)) }
        if let hangUp { add("hangup", hangUp.rawValue) }
        if resets { add("reset", nil) }
        if let keeping { add(keeping.rawValue, nil) }
        if !hiddenExtensions.isEmpty { add("hide", hiddenExtensions.joined(separator: ",")) }
        if !acts { add("pass", nil) }
        return words
    }

    /// Whether there is anything to do.
    var acts: Bool {
        reply != nil || delay != .zero || dripInterval != nil || hangUp != nil || resets || keeping != nil
            || !hiddenExtensions.isEmpty
    }

    /// In the largest unit that needs no fraction, down to fractions of a millisecond.
    private static func text(_ time: Duration) -> String {
        let microseconds = Int(time / .microseconds(1))
        if microseconds % 1_000_000 == 0 { return "\(microseconds / 1_000_000)s" }
        if microseconds % 1000 == 0 { return "\(microseconds / 1000)ms" }
        return "\(Double(microseconds) / 1000)ms"
    }
}

extension CaptureRule: CustomStringConvertible {
    /// Parses a stage and words, separated by blanks: `rcpt to=*@full.example reply='452 4.2.2 Mailbox full' limit=2`.
    ///
    /// A value with blanks stands in single or double quotes; in quotes a backslash takes the character after it as it
    /// is, and `\n` is a line feed.
    public init(parsing text: String) throws(CaptureRuleError) {
        var words = try RuleWords(text).words
        guard let first = words.first else {
            throw CaptureRuleError("A rule begins with a stage: \(Self.list(Stage.allCases)).")
        }
        guard first.value == nil, let stage = Stage(rawValue: first.name.lowercased()) else {
            throw CaptureRuleError(
                "“\(first.name)” is no stage. A rule begins with one of: \(Self.list(Stage.allCases)).")
        }
        words.removeFirst()
        try self.init(stage, words)
    }

    /// The rule as text that parses to the same.
    public var description: String {
        ([stage.rawValue] + words.map { word in word.value.map { "\(word.name)=\(RuleWords.quoted($0))" } ?? word.name })
            .joined(separator: " ")
    }

    init(_ stage: Stage, _ words: [RuleWords.Word]) throws(CaptureRuleError) {
        self.init(stage)
        var seen: Set<String> = []
        for word in words {
            let name = word.name.lowercased()
            guard seen.insert(name).inserted else { throw CaptureRuleError("“\(name)” stands twice in a rule.") }
            try apply(name, word.value)
        }
        guard acts != seen.contains("pass") else {
            throw CaptureRuleError(
                acts ? "“pass” stands alone, without other actions." : "A rule needs something to do: \(Self.actions).")
        }
    }

    private static let conditions = "from=, to=, domain=, skip=, every=, limit=, chance="
    private static let actions =
        "reply='452 4.2.2 Mailbox full', delay=500ms, drip, drip=20ms, hangup=before, hangup=after, reset, drop, store, "
        + "hide=STARTTLS, pass"

    static func list(_ cases: some Collection<some RawRepresentable<String>>) -> String {
        cases.map(\.rawValue).joined(separator: ", ")
    }

    private mutating func apply(_ name: String, _ value: String?) throws(CaptureRuleError) {
        switch (name, value) {
        case ("from", let text?): sender = text
        case ("to", let text?): recipient = text
        case ("domain", let text?): domain = text
        case ("skip", let text?): skipping = try Self.number(text, name, atLeast: 0)
        case ("every", let text?): every = try Self.number(text, name, atLeast: 1)
        case ("limit", let text?): limit = try Self.number(text, name, atLeast: 0)
        case ("chance", let text?):
            guard let number = Double(text), (0...1).contains(number) else {
                throw CaptureRuleError("chance=\(text) is not a number from 0 to 1, such as 0.25.")
            }
            chance = number
        case ("reply", let text?):
            guard let found = Reply(text) else {
                throw CaptureRuleError(
                    "reply='\(text)' does not begin with a code from 200 to 599 and a blank, as '452 4.2.2 Mailbox full' "
                        + "does.")
            }
            reply = found
        case ("delay", let text?): delay = try Self.duration(text, name)
        case ("drip", let text):
            dripInterval =
                try text.map { text throws(CaptureRuleError) in
                    try Self.duration(text, name)
                } ?? .zero
        case ("hangup", let text?):
            guard let found = HangUp(rawValue: text.lowercased()) else {
                throw CaptureRuleError("hangup=\(text) is not possible; it is one of: \(Self.list(HangUp.allCases)).")
            }
            hangUp = found
        case ("reset", nil):
            resets = true
            hangUp = hangUp ?? .before
        case ("drop", nil), ("store", nil):
            guard [.content, .bdat, .any].contains(stage) else {
                throw CaptureRuleError(
                    "“\(name)” works at the stages content, bdat and any only, since a mail is kept at its end.")
            }
            guard keeping == nil else { throw CaptureRuleError("A mail is either dropped or stored, not both.") }
            keeping = Keeping(rawValue: name)
        case ("hide", let text?):
            guard stage == .helo else {
                throw CaptureRuleError("hide= works at the stage helo only, since EHLO is what offers extensions.")
            }
            hiddenExtensions = text.split(separator: ",").map { $0.uppercased() }
        case ("pass", nil): break
        case ("reset", _), ("drop", _), ("store", _), ("pass", _):
            throw CaptureRuleError("“\(name)” takes no value.")
        case ("from", nil), ("to", nil), ("domain", nil), ("skip", nil), ("every", nil), ("limit", nil),
            ("chance", nil), ("reply", nil), ("delay", nil), ("hangup", nil), ("hide", nil):
            throw CaptureRuleError("“\(name)” needs a value: \(name)=…")
        default:
            throw CaptureRuleError(
                "“\(name)” is no word of a rule. Conditions: \(Self.conditions). Actions: \(Self.actions).")
        }
    }

    private static func number(_ text: String, _ name: String, atLeast least: Int) throws(CaptureRuleError) -> Int {
        guard let number = Int(text), number >= least else {
            throw CaptureRuleError("\(name)=\(text) is not a whole number from \(least) on.")
        }
        return number
    }

    private static func duration(_ text: String, _ name: String) throws(CaptureRuleError) -> Duration {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("", 1)]
        for (unit, seconds) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number >= 0, number * seconds <= 86_400 else { break }
            return .microseconds(Int64((number * seconds * 1_000_000).rounded()))
        }
        throw CaptureRuleError("\(name)=\(text) is not a time up to a day, such as 250ms, 1.5s or 2m.")
    }
}

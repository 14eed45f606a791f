import Mailroom

/// What is wrong with a value.
struct ValueProblem: Hashable {
    enum Kind: Hashable {
        case missing
        case notText
        /// A line break or control character, and the place that must not have one.
        case breaksLine(String)
        case unsafeLink
        /// The characters' names.
        case unprintable([String])
        /// What a filter needs, as in "must be a number".
        case unfit(String)
        /// A partial that does not exist, named by a value or by the template.
        case unknownPartial(String)
        /// The values make too much of the template: what was exceeded.
        case exceeds(String)
    }

    let key: Key
    let kind: Kind
    /// The partial that the key's line is in; nil for the template itself.
    var partial: String?

    init(key: Key, kind: Kind, partial: String? = nil) {
        self.key = key
        self.kind = kind
        self.partial = partial
    }

    /// One error of all problems, each key named once; nil if there are none.
    static func error(_ problems: [ValueProblem], in template: String) -> RenderError? {
        guard !problems.isEmpty else { return nil }
        var keys: [String] = []
        var sentences: [String] = []
        let missing = problems.filter { $0.kind == .missing }
        if !missing.isEmpty {
            var seen: Set<String> = []
            let names = missing.filter { seen.insert($0.key.name).inserted }.map(\.place)
            sentences.append("it needs values for \(names.joined(separator: ", "))")
        }
        for problem in problems {
            if !problem.key.name.isEmpty && !keys.contains(problem.key.name) { keys.append(problem.key.name) }
            let sentence = problem.sentence
            if let sentence, !sentences.contains(sentence) { sentences.append(sentence) }
        }
        let reason = "Template “\(template)”: \(sentences.joined(separator: "; "))."
        return RenderError(.invalidValues, reason, keys: keys)
    }

    /// The key and where it stands.
    var place: String { key.name.isEmpty ? line : "\(key.name) (\(line))" }

    private var line: String { "line \(key.line)" + (partial.map { " of the partial “\($0)”" } ?? "") }

    /// What is wrong and what to do; nil for a missing value, which is told together with the others.
    var sentence: String? {
        switch kind {
        case .missing: nil
        case .notText: "the value of \(place) is a condition, list or object, where text is needed"
        case .breaksLine(let spot):
            "the value of \(place) has a line break or control character, which \(spot) must not have; remove it"
        case .unsafeLink: "the value of \(place) is a link's address and must begin with \(LinkAddress.allowed)"
        case .unprintable(let characters):
            "the value of \(place) has \(characters.joined(separator: ", ")), which the PDF's fonts lack; write it "
                + "otherwise, or name a font that has it in the template's fallback-fonts"
        case .unfit(let need): "the value of \(place) \(need)"
        case .unknownPartial(let name) where name == key.name: "there is no partial “\(name)”, asked for in \(line)"
        case .unknownPartial(let name): "there is no partial “\(name.shortened)”, which \(place) asks for"
        case .exceeds(let limit): "\(limit), at \(place)"
        }
    }
}

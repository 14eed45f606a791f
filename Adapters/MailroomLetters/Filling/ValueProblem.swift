import Mailroom

/// What is wrong with a value.
struct ValueProblem {
    enum Kind: Equatable {
        case missing
        case notText
        case breaksLine(String)
        case unsafeLink
        /// The characters' names.
        case unprintable([String])
    }

    let key: Key
    let kind: Kind

    /// One error of all problems, each key named once; nil if there are none.
    static func error(_ problems: [ValueProblem], in template: String) -> RenderError? {
        guard !problems.isEmpty else { return nil }
        var keys: [String] = []
        var sentences: [String] = []
        let missing = problems.filter { $0.kind == .missing }
        if !missing.isEmpty {
            var seen: Set<String> = []
            let names = missing.filter { seen.insert($0.key.name).inserted }
                .map { "\($0.key.name) (line \($0.key.line))" }
            sentences.append("it needs values for \(names.joined(separator: ", "))")
        }
        for problem in problems {
            if !keys.contains(problem.key.name) { keys.append(problem.key.name) }
            let sentence = problem.sentence
            if let sentence, !sentences.contains(sentence) { sentences.append(sentence) }
        }
        let reason = "Template “\(template)”: \(sentences.joined(separator: "; "))."
        return RenderError(.invalidValues, reason, keys: keys)
    }

    private var sentence: String? {
        let name = "\(key.name) (line \(key.line))"
        return switch kind {
        case .missing: nil
        case .notText: "the value of \(name) is a condition, list or object, where text is needed"
        case .breaksLine(let place):
            "the value of \(name) has a line break or control character, which \(place) must not have; remove it"
        case .unsafeLink: "the value of \(name) is a link's address and must begin with \(LinkAddress.allowed)"
        case .unprintable(let characters):
            "the value of \(name) has \(characters.joined(separator: ", ")), which cannot be printed; write it otherwise"
        }
    }
}

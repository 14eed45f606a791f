import Mailroom

extension TemplateTexts {
    /// Values that show every section of all texts once, each being its own name, or what a filter wants.
    var sampleValues: [String: Document.Value] {
        var sample: [String: Document.Value] = [:]
        for kind in Kind.allCases {
            for (text, _) in texts(of: kind) {
                sample.mergeSample(text.sampleValues(partials: partials[kind] ?? [:]))
            }
        }
        return sample
    }
}

extension [String: Document.Value] {
    /// Adds what another text asks for: of two samples of a value, the one that asks for more stays.
    fileprivate mutating func mergeSample(_ other: [String: Document.Value]) {
        for (name, value) in other {
            guard let known = self[name] else {
                self[name] = value
                continue
            }
            if case .object(var members) = known, case .object(let others) = value {
                members.mergeSample(others)
                self[name] = .object(members)
            } else if value.demand(name) > known.demand(name) {
                self[name] = value
            }
        }
    }
}

extension [String: Document.Value] {
    /// Makes an address of every sample of a name that is only that name.
    mutating func linkSample(_ name: String) {
        for (key, value) in self {
            if case .object(var members) = value {
                members.linkSample(name)
                self[key] = .object(members)
            } else if key == name, value == .text(name) {
                self[key] = .text("https://example.org/\(name)")
            }
        }
    }
}

extension Document.Value {
    /// How much a sample asks for: a condition the least, then a text that is only its name.
    fileprivate func demand(_ name: String) -> Int {
        switch self {
        case .flag: 0
        case .text(let text): text == name ? 1 : 2
        case .number: 3
        case .list: 4
        case .object: 5
        }
    }
}

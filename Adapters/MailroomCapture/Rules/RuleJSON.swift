import Foundation

/// A value in a rule's JSON.
private enum RuleValue: Codable {
    case flag(Bool)
    case whole(Int)
    case number(Double)
    case text(String)
    case list([String])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .whole(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try container.decode([String].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let flag): try container.encode(flag)
        case .whole(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let texts): try container.encode(texts)
        }
    }

    /// As it stands in a rule's text.
    var word: String {
        switch self {
        case .flag(let flag): "\(flag)"
        case .whole(let number): "\(number)"
        case .number(let number): "\(number)"
        case .text(let text): text
        case .list(let texts): texts.joined(separator: ",")
        }
    }
}

/// A rule in JSON: an object with the words of its text as keys and the stage as `stage`, or the text itself.
struct RuleJSON: Codable {
    let rule: CaptureRule

    init(_ rule: CaptureRule) { self.rule = rule }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            rule = try CaptureRule(parsing: text)
            return
        }
        let values: [String: RuleValue]
        do { values = try [String: RuleValue](from: decoder) } catch {
            throw CaptureRuleError(
                "A rule is a text, or an object whose values are texts, numbers, true or lists of texts.")
        }
        guard let name = values["stage"]?.word, let stage = CaptureRule.Stage(rawValue: name.lowercased()) else {
            throw CaptureRuleError(
                "A rule needs a “stage”, one of: \(CaptureRule.list(CaptureRule.Stage.allCases)).")
        }
        var words: [RuleWords.Word] = []
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where name != "stage" {
            switch value {
            case .flag(true): words.append(.init(name: name, value: nil))
            case .flag(false): continue
            default: words.append(.init(name: name, value: value.word))
            }
        }
        rule = try CaptureRule(stage, words)
    }

    func encode(to encoder: any Encoder) throws {
        var values = ["stage": RuleValue.text(rule.stage.rawValue)]
        for word in rule.words {
            switch (word.name, word.value) {
            case (_, nil): values[word.name] = .flag(true)
            case ("skip", let text?), ("every", let text?), ("limit", let text?):
                values[word.name] = Int(text).map { .whole($0) } ?? .text(text)
            case ("chance", let text?): values[word.name] = Double(text).map { .number($0) } ?? .text(text)
            case ("hide", _): values[word.name] = .list(rule.hiddenExtensions)
            case (_, let text?): values[word.name] = .text(text)
            }
        }
        try values.encode(to: encoder)
    }
}

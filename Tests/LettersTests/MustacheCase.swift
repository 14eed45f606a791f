import Mailroom

@testable import MailroomLetters

/// A template, values and partials, and what comes of them with HTML's escaping.
struct MustacheCase: Sendable {
    let template: String
    let values: Document.Value
    let partials: [String: String]
    let expected: String

    init(
        _ template: String, _ values: Document.Value, _ partials: [String: String] = [:], gives expected: String
    ) {
        self.template = template
        self.values = values
        self.partials = partials
        self.expected = expected
    }

    func expanded() throws -> String {
        var setting = MustacheSetting(escaping: .html)
        setting.partials = try partials.mapValues { try mustache($0) }
        setting.missing = .empty
        var expander = MustacheExpander(try mustache(template), root: values, setting)
        var output: [UInt8] = []
        expander.run(into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What is wrong with the cases, each with its template.
    static func faults(in cases: [MustacheCase]) -> [String] {
        cases.compactMap { one in
            do {
                let made = try one.expanded()
                return made == one.expected
                    ? nil
                    : "\(one.template.debugDescription): \(made.debugDescription), not \(one.expected.debugDescription)"
            } catch { return "\(one.template.debugDescription): \(error)" }
        }
    }
}

func mustache(_ template: String) throws -> Mustache { try Mustache(Array(template.utf8)) }

/// What comes of a template, and what is wrong with its values.
func expand(
    _ template: String, _ values: [String: Document.Value] = [:], _ escaping: Escaping = .none,
    partials: [String: String] = [:], setting change: (inout MustacheSetting) -> Void = { _ in }
) throws -> (text: String, problems: [ValueProblem]) {
    var setting = MustacheSetting(escaping: escaping)
    setting.partials = try partials.mapValues { try mustache($0) }
    change(&setting)
    var output: [UInt8] = []
    var problems: [ValueProblem] = []
    try mustache(template).expand(values, setting, into: &output, problems: &problems)
    return (String(decoding: output, as: UTF8.self), problems)
}

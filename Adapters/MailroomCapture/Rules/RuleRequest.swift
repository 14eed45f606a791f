import Foundation

/// The body of a request that gives rules: JSON or plain text, told apart by the first character.
///
/// JSON is a rule, a list of rules, or an object with `rules` and perhaps `seed`. As plain text each line is a rule;
/// empty lines and those that begin with `#` are left out.
struct RuleRequest {
    private(set) var rules: [CaptureRule] = []
    private(set) var seed: UInt64?

    private struct Book: Decodable {
        let rules: [RuleJSON]
        let seed: UInt64?
    }

    init(_ body: [UInt8]) throws(CaptureRuleError) {
        let first = body.first { $0 > 32 }
        switch first {
        case UInt8(ascii: "["): rules = try Self.decode([RuleJSON].self, body).map(\.rule)
        case UInt8(ascii: "\""): rules = [try Self.decode(RuleJSON.self, body).rule]
        case UInt8(ascii: "{"):
            if try Self.decode(Keys.self, body).hasRules {
                let book = try Self.decode(Book.self, body)
                (rules, seed) = (book.rules.map(\.rule), book.seed)
            } else {
                rules = [try Self.decode(RuleJSON.self, body).rule]
            }
        default:
            for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let text = line.drop { $0 == " " || $0 == "\t" }
                if !text.isEmpty, text.first != "#" { rules.append(try CaptureRule(parsing: String(text))) }
            }
        }
    }

    /// Which of the two kinds of object it is.
    private struct Keys: Decodable {
        let hasRules: Bool

        private enum Key: String, CodingKey { case rules }

        init(from decoder: any Decoder) throws {
            hasRules = try decoder.container(keyedBy: Key.self).contains(.rules)
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws(CaptureRuleError) -> Value
    {
        do { return try JSONDecoder().decode(type, from: Data(body)) } catch let error as CaptureRuleError {
            throw error
        } catch {
            throw CaptureRuleError(
                "The body begins like JSON; it must be a rule, a list of rules, or an object with “rules” and, if wanted, "
                    + "a whole number “seed”.")
        }
    }
}

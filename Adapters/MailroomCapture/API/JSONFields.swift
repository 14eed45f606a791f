/// The members of a JSON object as Go reads them into a structure: names in any case, the last of repeated ones wins,
/// `null` and what is missing leave a member as it is, another type is an error.
struct JSONFields {
    private var values: [String: JSONValue] = [:]

    init(_ value: JSONValue) throws(MalformedJSON) {
        switch value {
        case .null: return
        case .object(let members):
            for member in members where member.value != .null { values[member.name.lowercased()] = member.value }
        default: throw MalformedJSON(reason: "It is no object.")
        }
    }

    func string(_ name: String) throws(MalformedJSON) -> String {
        switch values[name.lowercased()] {
        case nil: return ""
        case .string(let text): return text
        default: throw MalformedJSON(reason: "\(name) is no string.")
        }
    }

    func boolean(_ name: String) throws(MalformedJSON) -> Bool {
        switch values[name.lowercased()] {
        case nil: return false
        case .boolean(let value): return value
        default: throw MalformedJSON(reason: "\(name) is neither true nor false.")
        }
    }

    func number(_ name: String) throws(MalformedJSON) -> Double {
        switch values[name.lowercased()] {
        case nil: return 0
        case .number(let value): return value
        default: throw MalformedJSON(reason: "\(name) is no number.")
        }
    }
}

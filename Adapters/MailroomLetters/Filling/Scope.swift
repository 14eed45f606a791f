import Mailroom

/// Where names are looked up: the document's values, and those of the sections entered, the innermost first.
struct Scope {
    private let values: [String: Document.Value]
    private var entered: [Document.Value] = []

    init(_ values: [String: Document.Value]) { self.values = values }

    mutating func enter(_ value: Document.Value) { entered.append(value) }

    mutating func leave() { entered.removeLast() }

    /// The value of a key; nil if there is none.
    func value(of key: Key) -> Document.Value? {
        guard let first = key.path.first else { return entered.last }
        guard var value = value(named: first) else { return nil }
        for name in key.path.dropFirst() {
            guard case .object(let members) = value, let member = members[name] else { return nil }
            value = member
        }
        return value
    }

    private func value(named name: String) -> Document.Value? {
        for case .object(let members) in entered.reversed() {
            if let value = members[name] { return value }
        }
        return values[name]
    }
}

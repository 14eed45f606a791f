import Foundation
import Mailroom

extension Mustache {
    /// Values that show every section of the template and its partials once: each its own name, and a date or number
    /// where a filter wants one. What only inverted sections ask for is left out, so that they show.
    func sampleValues(partials: [String: Mustache] = [:]) -> [String: Document.Value] {
        var sample = MustacheSample(partials: partials)
        sample.walk(program, program.instructions.indices, in: [0])
        return sample.members(of: 0)
    }
}

/// Gathers what templates ask for into a tree of names.
private struct MustacheSample {
    /// Names gathered at most, however templates use each other.
    private static let mostNodes = 10_000
    /// Values nest no deeper.
    private static let deepest = 30
    /// Sections and partials within each other that are looked into.
    private static let deepestWalk = 400

    private struct Node {
        let name: String
        let depth: Int
        var isShown = false
        var isSection = false
        /// Whether a partial within asks for the same again, for the item's own items: it has none.
        var isRecursive = false
        var filter: Filter?
        /// What stands for the value where it must be a partial's name.
        var partial: String?
        var children: [String: Int] = [:]
    }

    private struct Visit: Hashable {
        let partial: String
        let node: Int
    }

    let partials: [String: Mustache]
    private var nodes = [Node(name: "", depth: 0)]
    private var visits: Set<Visit> = []
    private var walks = 0

    init(partials: [String: Mustache]) { self.partials = partials }

    mutating func walk(_ program: MustacheProgram, _ range: Range<Int>, in scopes: [Int]) {
        guard walks < Self.deepestWalk else { return }
        walks += 1
        defer { walks -= 1 }
        var index = range.lowerBound
        while index < range.upperBound {
            var next = index + 1
            switch program.instructions[index] {
            case .text, .block: break
            case .value(let number, let form, let filters):
                let key = program.keys[Int(number)]
                guard key.path != ["letter", "date"], let node = node(of: key, in: scopes) else { break }
                nodes[node].isShown = true
                guard form.contains(.filtered) else { break }
                if let filter = program.filters[Int(filters)].first, filter.readsValue { nodes[node].filter = filter }
            case .section(let key, let end):
                next = Int(end)
                guard let node = node(of: program.keys[Int(key)], in: scopes) else { break }
                nodes[node].isSection = true
                walk(program, index + 1..<next, in: scopes + [node])
            case .inverted(_, let end):
                next = Int(end)
                walk(program, index + 1..<next, in: scopes)
            case .call(let number): call(program.calls[Int(number)], in: scopes)
            }
            index = next
        }
    }

    private mutating func call(_ tag: CallTag, in scopes: [Int]) {
        var name: String? = tag.key.name
        if tag.dynamicKey != nil {
            name = partials.keys.min()
            if let node = node(of: tag.key, in: scopes) { nodes[node].partial = name ?? tag.key.name }
        }
        guard let name, let partial = partials[name] else { return }
        let scope = scopes[scopes.count - 1]
        guard visits.insert(Visit(partial: name, node: scope)).inserted else {
            nodes[scope].isRecursive = nodes[scope].isSection
            return
        }
        walk(partial.program, partial.program.instructions.indices, in: scopes)
    }

    /// The place of a key's value: with the name where it is known already, or else in the innermost section.
    private mutating func node(of key: Key, in scopes: [Int]) -> Int? {
        guard let first = key.path.first else { return scopes.count > 1 ? scopes[scopes.count - 1] : nil }
        var node: Int?
        for scope in scopes.reversed() {
            node = nodes[scope].children[first] ?? (nodes[scope].name == first ? scope : nil)
            if node != nil { break }
        }
        guard var found = node ?? child(first, of: scopes[scopes.count - 1]) else { return nil }
        for name in key.path.dropFirst() {
            guard let next = nodes[found].children[name] ?? child(name, of: found) else { return nil }
            found = next
        }
        return found
    }

    private mutating func child(_ name: String, of parent: Int) -> Int? {
        guard nodes.count < Self.mostNodes, nodes[parent].depth < Self.deepest else { return nil }
        nodes.append(Node(name: name, depth: nodes[parent].depth + 1))
        nodes[parent].children[name] = nodes.count - 1
        return nodes.count - 1
    }

    /// The values under a name. What is text has none; they are its neighbours then.
    func members(of node: Int) -> [String: Document.Value] {
        var members: [String: Document.Value] = [:]
        var neighbours: [String: Document.Value] = [:]
        for (name, child) in nodes[node].children.sorted(by: { $0.key < $1.key }) {
            members[name] = value(of: child)
            if isText(child) { neighbours.merge(self.members(of: child)) { first, _ in first } }
        }
        if nodes[node].isRecursive { members[nodes[node].name] = .list([]) }
        return members.merging(neighbours) { first, _ in first }
    }

    private func isText(_ node: Int) -> Bool { nodes[node].isShown || nodes[node].partial != nil }

    private func value(of node: Int) -> Document.Value {
        let known = nodes[node]
        if let partial = known.partial { return .text(partial) }
        switch known.filter {
        case .date, .time: return .text("2026-03-14T10:30:00Z")
        case .money, .number: return .number(Decimal(sign: .plus, exponent: -2, significand: 123_456))
        case .uppercase, .lowercase, .capitalized, nil: break
        }
        if known.isShown { return .text(known.name) }
        let members = members(of: node)
        return members.isEmpty ? .flag(true) : .object(members)
    }
}

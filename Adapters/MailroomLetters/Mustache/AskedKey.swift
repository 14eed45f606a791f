/// A value that a template asks for.
struct AskedKey: Equatable, Sendable {
    enum Use: Equatable, Sendable {
        case value
        case section
        case inverted
        /// The name of a partial.
        case partial
    }

    let key: Key
    let use: Use
    var isOptional = false
    var filters: [Filter] = []
    /// What is asked for within a section.
    var within: [AskedKey] = []
}

extension Mustache {
    /// What the template itself asks for, its partials aside, in its order.
    var keys: [AskedKey] { asked(in: program.instructions.indices) }

    private func asked(in range: Range<Int>) -> [AskedKey] {
        var asked: [AskedKey] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let next: Int
            switch program.instructions[index] {
            case .text, .block: next = index + 1
            case .value(let key, let form, let filters):
                asked.append(
                    AskedKey(
                        key: program.keys[Int(key)], use: .value, isOptional: form.contains(.optional),
                        filters: form.contains(.filtered) ? program.filters[Int(filters)] : []))
                next = index + 1
            case .section(let key, let end):
                let within = self.asked(in: index + 1..<Int(end))
                asked.append(AskedKey(key: program.keys[Int(key)], use: .section, within: within))
                next = Int(end)
            case .inverted(let key, let end):
                let within = self.asked(in: index + 1..<Int(end))
                asked.append(AskedKey(key: program.keys[Int(key)], use: .inverted, within: within))
                next = Int(end)
            case .call(let number):
                let tag = program.calls[Int(number)]
                if tag.dynamicKey != nil { asked.append(AskedKey(key: tag.key, use: .partial)) }
                next = index + 1
            }
            index = next
        }
        return asked
    }
}

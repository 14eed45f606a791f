package import Mailroom

/// The options of one call of a command.
package struct Arguments: Sendable {
    /// An option that a command has.
    package struct Option: Sendable {
        package let name: String
        /// What stands for its value in the help; `nil` for one that takes none.
        package let placeholder: String?
        package let help: String

        /// An option with a value.
        package init(_ name: String, _ placeholder: String, _ help: String) {
            self.name = name
            self.placeholder = placeholder
            self.help = help
        }

        /// An option that is there or not.
        package init(_ name: String, _ help: String) {
            self.name = name
            placeholder = nil
            self.help = help
        }
    }

    private let values: [String: [String]]
    /// The words that are no options, in order.
    package let operands: [String]

    /// Reads `--name value`, `--name=value` and `--name`. What is not an option of the command is refused, with the
    /// nearest name, and so are other words where the command takes none.
    package init(
        _ words: [String], options: [Option], takesOperands: Bool = false, acceptsOneDash: Bool = false
    ) throws(UsageError) {
        var values: [String: [String]] = [:]
        var operands: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if acceptsOneDash, word == "--" {
                operands += rest
                break
            }
            let dashes = word.hasPrefix("--") ? 2 : acceptsOneDash && word.hasPrefix("-") ? 1 : 0
            guard dashes > 0, word.count > dashes else {
                guard takesOperands, !word.hasPrefix("-") else {
                    throw UsageError("\"\(word)\" is no option: options begin with --")
                }
                operands.append(word)
                continue
            }
            let parts = word.dropFirst(dashes).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = options.first(where: { $0.name == name }) else {
                if dashes == 1, let letters = Self.letters(word, options) {
                    for (name, value) in letters { values[name, default: []].append(value) }
                    continue
                }
                throw UsageError(
                    "there is no option --\(name)" + Nearest.advice(to: name, among: options.map(\.name), prefix: "--"))
            }
            if option.placeholder == nil {
                // Go's programs take =true and =false.
                guard parts.count == 1 || acceptsOneDash && ["true", "false"].contains(parts[1]) else {
                    throw UsageError("--\(name) takes no value")
                }
                if parts.last != "false" || parts.count == 1 { values[name, default: []].append("") }
            } else if parts.count == 2 {
                values[name, default: []].append(String(parts[1]))
            } else {
                guard let value = rest.popFirst() else {
                    throw UsageError("--\(name) needs a value: --\(name) \(option.placeholder!)")
                }
                values[name, default: []].append(value)
            }
        }
        self.values = values
        self.operands = operands
    }

    /// An option of one letter with its value right behind it, or several of one letter that take none.
    private static func letters(_ word: String, _ options: [Option]) -> [(name: String, value: String)]? {
        let letters = word.dropFirst().map(String.init)
        if let option = options.first(where: { $0.name == letters[0] && $0.placeholder != nil }) {
            return [(option.name, String(word.dropFirst(2)))]
        }
        let isEachOne = letters.allSatisfy { letter in
            options.contains { $0.name == letter && $0.placeholder == nil }
        }
        return isEachOne ? letters.map { ($0, "") } : nil
    }

    package func has(_ name: String) -> Bool { values[name] != nil }

    package func text(_ name: String) -> String? { values[name]?.last }

    package func texts(_ name: String) -> [String] { values[name] ?? [] }

    package func required(_ name: String) throws(UsageError) -> String {
        guard let value = text(name), !value.isEmpty else { throw UsageError("--\(name) is missing") }
        return value
    }

    package func number(_ name: String) throws(UsageError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), number >= 1 else {
            throw UsageError("--\(name) takes a whole number from 1, not \"\(text)\"")
        }
        return number
    }

    /// Seconds, with a fraction if need be.
    package func seconds(_ name: String) throws(UsageError) -> Duration? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), number > 0, number < 1e9 else {
            throw UsageError("--\(name) takes a number of seconds above 0, not \"\(text)\"")
        }
        return .milliseconds(Int64((number * 1000).rounded(.up)))
    }

    /// A time with its unit.
    package func time(_ name: String) throws(UsageError) -> Duration? {
        guard let text = text(name) else { return nil }
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = units[String(text[digits.endIndex...])], let number = Double(String(text[..<digits.endIndex])),
            number > 0, number * unit < 1e10
        else { throw UsageError("--\(name) takes a time with its unit, such as 2s, 15m, 12h or 30d, not \"\(text)\"") }
        return .milliseconds(Int64((number * unit * 1000).rounded(.up)))
    }

    /// Names of queues, separated by commas, in the order they are written.
    package func queues(_ name: String = "queue") throws(UsageError) -> [QueueName] {
        guard has(name) else { return [] }
        var queues: [QueueName] = []
        for part in texts(name).flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            let queue = QueueName(part.trimming { $0 == " " })
            guard !queue.rawValue.isEmpty else {
                throw UsageError("--\(name) takes names of queues separated by commas, not \"\(text(name) ?? "")\"")
            }
            guard !queues.contains(queue) else { throw UsageError("--\(name) names \(queue) twice") }
            queues.append(queue)
        }
        return queues
    }

    /// One of the names of an enumeration.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of type: Choice.Type
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--\(name) takes one of \(known), not \"\(text)\"")
        }
        return choice
    }

    /// What a command that does several things is to do, as its first word says.
    func deed<Deed: RawRepresentable & CaseIterable>(
        of command: String, as type: Deed.Type
    ) throws(UsageError) -> Deed where Deed.RawValue == String {
        let deeds = Deed.allCases.map(\.rawValue)
        let last = deeds.suffix(2).joined(separator: " or ")
        let listed = (deeds.dropLast(2) + [last]).joined(separator: ", ")
        guard let word = operands.first else { throw UsageError("say what to do: \(listed)") }
        guard let deed = Deed(rawValue: word) else {
            throw UsageError(
                "\(command) does \(listed), not \"\(word)\"" + Nearest.advice(to: word, among: deeds))
        }
        return deed
    }

    /// Pairs of `key=value`.
    package func pairs(_ name: String) throws(UsageError) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts(name) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw UsageError("--\(name) takes key=value, not \"\(text)\"")
            }
            pairs[String(parts[0])] = String(parts[1])
        }
        return pairs
    }
}

extension Substring {
    fileprivate func trimming(_ isOutside: (Character) -> Bool) -> String {
        var rest = self
        while let first = rest.first, isOutside(first) { rest.removeFirst() }
        while let last = rest.last, isOutside(last) { rest.removeLast() }
        return String(rest)
    }
}

/// A command line that cannot be understood.
package struct UsageError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

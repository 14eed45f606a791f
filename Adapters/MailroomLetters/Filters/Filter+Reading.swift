import Foundation

extension Filter {
    private static let names = ["money", "number", "date", "time", "uppercase", "lowercase", "capitalized"]

    /// Reads a filter and its arguments, as a tag has them behind a `|`.
    init(_ written: Substring, line: Int) throws(TemplateFault) {
        let words = written.split { $0.isWhitespace }.map(String.init)
        let arguments = Array(words.dropFirst())
        let advice: String
        switch words.first {
        case "money":
            if let money = Self.money(arguments) {
                self = money
                return
            }
            advice = "money needs a currency's code of ISO 4217, as in “money EUR”."
        case "number":
            if let number = Self.number(arguments) {
                self = number
                return
            }
            advice = "number takes a number of decimals from 0 to 20, as in “number 2”."
        case "date":
            if let date = Self.date(arguments) {
                self = date
                return
            }
            advice =
                "date takes one of short, medium, long, full and, behind it, “time” for the time too, as in "
                + "“date long time”."
        case let name?:
            if let plain = Self.plain(name), arguments.isEmpty {
                self = plain
                return
            }
            let near = NearestName.find(name, among: Self.names).map { "did you mean \($0)?" }
            let known = near ?? "there are \(Self.names.joined(separator: ", "))."
            advice =
                Self.plain(name) == nil
                ? "there is no filter “\(name.shortened)”; \(known)" : "the filter \(name) takes no arguments."
        case nil:
            advice = "no filter stands after the “|”; there are \(Self.names.joined(separator: ", "))."
        }
        throw TemplateFault(line: line, reason: advice)
    }

    private static func plain(_ name: String) -> Filter? {
        switch name {
        case "time": .time
        case "uppercase": .uppercase
        case "lowercase": .lowercase
        case "capitalized": .capitalized
        default: nil
        }
    }

    private static func money(_ arguments: [String]) -> Filter? {
        guard arguments.count == 1, arguments[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            Locale.Currency(arguments[0]).isISOCurrency
        else { return nil }
        return .money(currency: arguments[0])
    }

    private static func number(_ arguments: [String]) -> Filter? {
        guard let first = arguments.first else { return .number(decimals: nil) }
        guard arguments.count == 1, let decimals = Int(first), (0...20).contains(decimals) else { return nil }
        return .number(decimals: decimals)
    }

    private static func date(_ arguments: [String]) -> Filter? {
        switch (arguments.count, arguments.last) {
        case (0, _): return .date(.medium, withTime: false)
        case (1, "time"): return .time
        case (1, let length?): return DateLength(rawValue: length).map { .date($0, withTime: false) }
        case (2, "time"): return DateLength(rawValue: arguments[0]).map { .date($0, withTime: true) }
        default: return nil
        }
    }
}

extension ValueTag {
    /// Reads `name`, `name?` and the filters behind it.
    init(_ content: String, line: Int) throws(TemplateFault) {
        let parts = content.split(separator: "|", omittingEmptySubsequences: false)
        var name = parts[0]
        while let last = name.last, last.isWhitespace { name.removeLast() }
        isOptional = name.last == "?"
        if isOptional { name.removeLast() }
        key = try Key(String(name), line: line)
        guard parts.count <= 8 else { throw TemplateFault(line: line, reason: "a value has at most 7 filters.") }
        var filters: [Filter] = []
        for part in parts.dropFirst() { filters.append(try Filter(part, line: line)) }
        if let late = filters.dropFirst().first(where: \.readsValue) {
            throw TemplateFault(
                line: line, reason: "the filter \(late.name) reads the value itself and must be the first one.")
        }
        self.filters = filters
    }
}

/// What is done to a value before it is shown.
enum Filter: Hashable, Sendable {
    enum DateLength: String, CaseIterable, Sendable { case short, medium, long, full }

    /// An amount with its currency's sign or code, and as many decimals as the currency has.
    case money(currency: String)
    /// A number with grouped digits; so many decimals, or as many as it has.
    case number(decimals: Int?)
    case date(DateLength, withTime: Bool)
    case time
    case uppercase
    case lowercase
    /// The first letter as a capital.
    case capitalized
}

extension Filter {
    /// Reads a filter and its arguments, as a tag has them behind a `|`.
    init(_ written: Substring, line: Int) throws(TemplateFault) {
        let words = written.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let name = words.first else {
            throw TemplateFault(line: line, reason: "no filter stands after the “|”; there are \(Self.names).")
        }
        let arguments = words.dropFirst()
        switch name {
        case "money":
            guard arguments.count == 1, let code = arguments.first, Self.isCurrency(code) else {
                throw TemplateFault(line: line, reason: "money needs a currency's code of ISO 4217, as in “money EUR”.")
            }
            self = .money(currency: code)
        case "number":
            let decimals = arguments.first.flatMap { Int($0) }
            guard arguments.isEmpty || arguments.count == 1 && (0...20).contains(decimals ?? -1) else {
                throw TemplateFault(
                    line: line, reason: "number takes a number of decimals from 0 to 20, as in “number 2”.")
            }
            self = .number(decimals: decimals)
        case "date":
            let length = arguments.isEmpty ? DateLength.medium : DateLength(rawValue: arguments[arguments.startIndex])
            let isTimed = arguments.count == 2 && arguments.last == "time"
            guard arguments.count < 2 || isTimed else {
                throw TemplateFault(line: line, reason: Self.dateAdvice)
            }
            if let length {
                self = .date(length, withTime: isTimed)
            } else if arguments.count == 1, arguments.first == "time" {
                self = .time
            } else {
                throw TemplateFault(line: line, reason: Self.dateAdvice)
            }
        case "time", "uppercase", "lowercase", "capitalized":
            guard arguments.isEmpty else {
                throw TemplateFault(line: line, reason: "\(name) takes no arguments.")
            }
            self =
                name == "time"
                ? .time : name == "uppercase" ? .uppercase : name == "lowercase" ? .lowercase : .capitalized
        default:
            let near = NearestName.find(name, among: Self.all)
            throw TemplateFault(
                line: line,
                reason:
                    "there is no filter “\(name.shortened)”; \(near.map { "did you mean \($0)?" } ?? "there are \(Self.names).")"
            )
        }
    }

    private static let all = ["money", "number", "date", "time", "uppercase", "lowercase", "capitalized"]
    private static var names: String { all.joined(separator: ", ") }
    private static let dateAdvice =
        "date takes one of short, medium, long, full and, behind it, “time” to add the time, as in “date long time”."

    private static func isCurrency(_ code: String) -> Bool {
        code.utf8.count == 3 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }
    }
}

extension ValueTag {
    /// Reads `name`, `name?` and the filters behind it.
    init(_ content: String, isEscaped: Bool, line: Int) throws(TemplateFault) {
        let parts = content.split(separator: "|", omittingEmptySubsequences: false)
        var name = parts[0][...]
        while name.utf8.last == 0x20 || name.utf8.last == 0x09 { name.removeLast() }
        isOptional = name.utf8.last == UInt8(ascii: "?")
        if isOptional { name.removeLast() }
        key = try Key(String(name), line: line)
        var filters: [Filter] = []
        for part in parts.dropFirst() { filters.append(try Filter(part, line: line)) }
        self.filters = filters
        self.isEscaped = isEscaped
    }
}

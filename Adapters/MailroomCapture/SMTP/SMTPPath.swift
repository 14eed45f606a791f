/// The argument of MAIL or RCPT: a path in angle brackets and its parameters (RFC 5321, 4.1.2).
struct SMTPPath: Equatable {
    /// The address; empty for `<>`. A source route is left out, as RFC 5321 (appendix C) wants it.
    let address: String
    /// What follows, split at blanks: `SIZE=100`, `SMTPUTF8`.
    let parameters: [String]
    /// Whether the address needs SMTPUTF8.
    let isInternational: Bool

    /// Parses what follows `FROM:` or `TO:`; blanks before the bracket are tolerated.
    /// - Returns: nil for what is no path.
    init?(_ bytes: ArraySlice<UInt8>) {
        let text = bytes.drop { $0 == 32 }
        guard text.first == UInt8(ascii: "<"), let end = Self.closingBracket(in: text) else { return nil }
        var path = text[(text.startIndex + 1)..<end]
        if path.first == UInt8(ascii: "@") {
            guard let colon = path.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            path = path[(colon + 1)...]
        }
        guard path.count <= 1000, path.allSatisfy({ $0 >= 32 && $0 != 127 }),
            let address = String(validating: path, as: UTF8.self)
        else { return nil }
        let rest = text[(end + 1)...]
        guard rest.isEmpty || rest.first == 32, rest.allSatisfy({ $0 >= 32 && $0 < 127 }) else { return nil }
        self.address = address
        isInternational = path.contains { $0 >= 128 }
        parameters = rest.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bracket that ends the path; inside quotes one may stand for itself.
    private static func closingBracket(in text: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        var index = text.startIndex + 1
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ">") where !isQuoted: return index
            case UInt8(ascii: "<") where !isQuoted, 32 where !isQuoted: return nil
            default: break
            }
            index += 1
        }
        return nil
    }
}

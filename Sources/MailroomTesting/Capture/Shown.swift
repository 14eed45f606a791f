extension String {
    /// In quotation marks on one line, shortened, with what cannot be seen spelt out.
    var shown: String {
        var text = ""
        var length = 0
        for scalar in unicodeScalars {
            guard length < 72 else {
                text += "…"
                break
            }
            length += 1
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\"": text += "\\\""
            case " ": text += " "
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                    text += "\\u{\(String(scalar.value, radix: 16))}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"\(text)\""
    }

    /// In small letters, blanks and line ends of any number as one, none at the ends.
    var folded: String { lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// The same with its blanks as they are.
    func isEqualButForCase(to other: String) -> Bool { lowercased() == other.lowercased() }

    /// The same in its letter case.
    func isEqualButForBlanks(to other: String) -> Bool {
        split(whereSeparator: \.isWhitespace) == other.split(whereSeparator: \.isWhitespace)
    }
}

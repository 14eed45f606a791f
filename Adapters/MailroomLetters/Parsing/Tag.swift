/// What stands between `{{` and `}}`.
enum Tag {
    case value(Key)
    case open(Key, inverted: Bool)
    case close(String)
    case comment

    /// Reads a tag's inside.
    static func read(_ inside: Substring, line: Int) throws(TemplateFault) -> Tag {
        guard let first = inside.first else { throw TemplateFault(line: line, reason: "“{{}}” has no name.") }
        switch first {
        case "!": return .comment
        case "#", "^": return .open(try key(inside.dropFirst(), line: line), inverted: first == "^")
        case "/": return .close(try key(inside.dropFirst(), line: line).name)
        case "{", "&":
            throw TemplateFault(
                line: line, reason: "“{{\(inside)}}” would put in markup; values are text, write {{name}}.")
        case ">", "=", "$", "<":
            throw TemplateFault(line: line, reason: "“{{\(inside)}}”: partials and other delimiters do not exist here.")
        default: return .value(try key(inside, line: line))
        }
    }

    private static func key(_ text: Substring, line: Int) throws(TemplateFault) -> Key {
        let name = text.trimmingBlanks
        if name == "." { return Key(name: ".", path: [], line: line) }
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isName = path.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        }
        guard isName else {
            throw TemplateFault(
                line: line, reason: "“{{\(text)}}”: a name has letters, digits, _ and -, and dots between names.")
        }
        return Key(name: String(name), path: path, line: line)
    }

    /// The tag of a line that has nothing else, if it opens or closes a section or is a comment.
    static func alone(on line: SourceLine) throws(TemplateFault) -> Tag? {
        let text = line.trimmed
        guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count >= 5 else { return nil }
        let inside = text.dropFirst(2).dropLast(2)
        guard let first = inside.first, "#^/!".contains(first), !inside.contains("{{"), !inside.contains("}}")
        else { return nil }
        return try read(inside, line: line.number)
    }
}

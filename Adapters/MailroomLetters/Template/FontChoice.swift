/// A font that a template names: one that every reader of PDF has, or a file.
enum FontChoice: Hashable, Sendable {
    case times, helvetica, courier, symbol, dingbats
    /// The path of a TrueType file.
    case file(String)

    private static let named: [String: FontChoice] = [
        "times": .times, "helvetica": .helvetica, "courier": .courier, "symbol": .symbol, "dingbats": .dingbats,
    ]

    /// Reads a name or a file's path; nil for what is neither.
    init?(_ text: String) {
        if let choice = Self.named[text] {
            self = choice
        } else if text.contains(".") && TemplateFileFault(path: text) == nil {
            self = .file(text)
        } else {
            return nil
        }
    }

    var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }
}

/// What a search looks for: words that must all occur, in any case; `"several words"` that follow each other;
/// `from:`, `to:` and `subject:` before either; `is:unread`, `is:read`, `has:pdf` and `has:attachment`.
struct SearchQuery {
    private enum Term {
        case word([UInt8], SearchedText.Place?)
        case unread(Bool)
        case pdf
        case attachment
    }

    private let terms: [Term]

    init(_ text: String) {
        terms = Self.words(of: text).map { word, isQuoted in
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard !isQuoted, parts.count == 2, !parts[1].isEmpty else {
                return .word(SearchedText.folded(word), nil)
            }
            switch (parts[0].lowercased(), parts[1].lowercased()) {
            case ("is", "unread"): return .unread(true)
            case ("is", "read"): return .unread(false)
            case ("has", "pdf"): return .pdf
            case ("has", "attachment"): return .attachment
            case ("from", let value): return .word(SearchedText.folded(value), .sender)
            case ("to", let value): return .word(SearchedText.folded(value), .recipients)
            case ("subject", let value): return .word(SearchedText.folded(value), .subject)
            default: return .word(SearchedText.folded(word), nil)
            }
        }
    }

    /// Whether everything is found.
    var isEmpty: Bool { terms.isEmpty }

    func matches(_ entry: MessageStore.Entry) -> Bool {
        terms.allSatisfy { term in
            switch term {
            case .word(let word, let place): entry.digest.searched.contains(word, in: place)
            case .unread(let isUnread): entry.isRead != isUnread
            case .pdf: entry.digest.hasPDF
            case .attachment: entry.digest.attachmentCount > 0
            }
        }
    }

    /// Words between blanks; quotes, also after a prefix, hold several together.
    private static func words(of text: String) -> [(text: String, isQuoted: Bool)] {
        var words: [(text: String, isQuoted: Bool)] = []
        var word = ""
        var isInside = false
        var isQuoted = false
        func end() {
            if !word.isEmpty { words.append((word, isQuoted)) }
            (word, isQuoted) = ("", false)
        }
        for character in text {
            if character == "\"" {
                if !isInside, word.isEmpty { isQuoted = true }
                isInside.toggle()
            } else if character.isWhitespace, !isInside {
                end()
            } else {
                word.append(character)
            }
        }
        end()
        return words
    }
}

/// A stretch of text of one look, its values put in.
struct Run {
    /// Where its text stands in the letter's.
    var text: Range<Int>
    var isStrong = false
    var isEmphasized = false
    var link: String?

    /// Whether text of the other's look belongs to this run.
    func looksLike(_ other: Run) -> Bool {
        isStrong == other.isStrong && isEmphasized == other.isEmphasized && link == other.link
    }
}

/// A block of a letter, its values put in: what the three writers write.
struct Passage {
    enum Kind: Equatable {
        case paragraph
        case heading(Int)
        case item(number: Int?)
        case rule
        case gap
    }

    var kind: Kind
    var part: Part?
    /// Which of the letter's runs are its own.
    var runs = 0..<0
}

/// A letter, its values put in.
struct FilledLetter {
    var subject = ""
    var title = ""
    var attachment: String?
    var passages: [Passage] = []
    var runs: [Run] = []
    /// The text of all runs, as UTF-8.
    var text: [UInt8] = []

    /// A run's text as a string.
    func string(of run: Run) -> String { String(decoding: text[run.text], as: UTF8.self) }
}

extension [UInt8] {
    /// Appends a text as UTF-8.
    mutating func append(utf8 text: String) {
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { append(contentsOf: $0) }
        if isCopied == nil { append(contentsOf: text.utf8) }
    }

    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

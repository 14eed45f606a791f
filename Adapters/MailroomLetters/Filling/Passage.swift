/// A stretch of text of one look, its values put in.
struct Run {
    var text: String
    var isStrong = false
    var isEmphasized = false
    var link: String?

    static let lineBreak = Run(text: "\n")
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
    var runs: [Run] = []
}

/// A letter, its values put in.
struct FilledLetter {
    var subject: String
    var title: String
    var attachment: String?
    var passages: [Passage]
}

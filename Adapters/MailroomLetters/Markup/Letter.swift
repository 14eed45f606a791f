/// A letter's content, its values put in: the text of all blocks one after the other, its looks, and the blocks.
/// The three writers write this.
struct Letter: Sendable {
    /// The text of all runs, as UTF-8. A line feed in it is a line break; there is no other control character but tabs.
    var text: [UInt8] = []
    var runs: [LetterRun] = []
    /// The addresses linked to, all of an allowed scheme, in ASCII.
    var links: [String] = []
    var images: [LetterImage] = []
    var tables: [LetterTable] = []
    var passages: [LetterPassage] = []

    /// A run's text as a string.
    func string(of run: LetterRun) -> String { String(decoding: text[run.text], as: UTF8.self) }

    /// A run's address; nil where it links nowhere.
    func link(of run: LetterRun) -> String? { run.link < 0 ? nil : links[Int(run.link)] }
}

/// A stretch of text of one look.
struct LetterRun: Sendable, Equatable {
    /// Where its text stands in the letter's.
    var text: Range<Int>
    var isStrong = false
    var isEmphasized = false
    /// Which of the letter's links; -1 for none.
    var link: Int32 = -1

    /// Whether text of the other's look belongs to this run.
    func looksLike(_ other: LetterRun) -> Bool {
        isStrong == other.isStrong && isEmphasized == other.isEmphasized && link == other.link
    }
}

/// A block of a letter.
struct LetterPassage: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case paragraph
        /// Level 1 to 3.
        case heading(Int)
        case item(LetterItem)
        case rule
        /// An empty line within a part.
        case gap
        case pageBreak
        /// Which of the letter's images.
        case image(Int)
        /// Which of the letter's tables; the passage's runs are those of all cells.
        case table(Int)
    }

    var kind: Kind
    var part: LetterPart?
    /// Which of the letter's runs are its own. An item's may be none.
    var runs = 0..<0
}

/// A paragraph in a list.
struct LetterItem: Sendable, Equatable {
    /// The item's number; nil for a bullet.
    var number: Int?
    /// In how many lists it stands, 1 to ``MarkupParser/deepestList``.
    var depth: Int
    /// Whether it is a further paragraph of the item before, without a mark of its own.
    var isContinuation = false
    /// Whether a list begins with it.
    var isFirst = false
    /// Whether empty lines part the items of its list.
    var isLoose = false
}

/// A part of a letter that is set in its own way. Its lines stay as they are written.
enum LetterPart: String, CaseIterable, Sendable {
    case letterhead, sender, address, date, reference, right, center, signature, small

    private static let names = allCases.map { ($0, Array($0.rawValue.utf8)) }

    /// The part of this name.
    init?(name: UnsafeBufferPointer<UInt8>.SubSequence) {
        guard let (part, _) = Self.names.first(where: { name.elementsEqual($0.1) }) else { return nil }
        self = part
    }

    /// Whether its lines are text alone, in which a number or a hyphen at the beginning is no item of a list.
    var hasLinesOnly: Bool {
        switch self {
        case .sender, .address, .date, .reference: true
        default: false
        }
    }
}

/// A set of codes, such as those that a document uses of a font.
struct CodeSet: Sendable, Hashable {
    /// A bit a code, the lowest first; no zeros at the end.
    private(set) var words: [UInt64] = []

    init() {}

    init(_ codes: some Sequence<UInt16>) {
        for code in codes { insert(code) }
    }

    mutating func insert(_ code: UInt16) {
        let word = Int(code >> 6)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        words[word] |= 1 << UInt64(code & 63)
    }

    /// Adds what a bitmap of the same form has.
    mutating func formUnion(words other: some Collection<UInt64>) {
        var place = 0
        for word in other {
            if word != 0 {
                if place >= words.count {
                    words.append(contentsOf: repeatElement(0, count: place + 1 - words.count))
                }
                words[place] |= word
            }
            place += 1
        }
    }

    func contains(_ code: UInt16) -> Bool {
        let word = Int(code >> 6)
        return word < words.count && words[word] & (1 << UInt64(code & 63)) != 0
    }

    /// The codes, ascending.
    var codes: [UInt16] {
        var codes: [UInt16] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                codes.append(UInt16(index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return codes
    }

    /// All 256 codes of every page of 256 of which it has one.
    var wholePages: CodeSet {
        var pages = CodeSet()
        for first in stride(from: 0, to: words.count, by: 4)
        where words[first..<min(first + 4, words.count)].contains(where: { $0 != 0 }) {
            pages.words.append(contentsOf: repeatElement(0, count: first - pages.words.count))
            pages.words.append(contentsOf: repeatElement(.max, count: 4))
        }
        return pages
    }
}

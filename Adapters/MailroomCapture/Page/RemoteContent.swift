/// What a letter would load from elsewhere if it were let.
enum RemoteContent {
    /// How many references there are to other servers that a browser would follow by itself, roughly: `src`, `srcset`,
    /// `background` and `poster` attributes, and `url(…)` in styles.
    static func count(in html: String) -> Int {
        let bytes = Array(html.utf8)
        var count = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "=") || byte == UInt8(ascii: "(") {
            let isReference =
                byte == UInt8(ascii: "(")
                ? bytes[..<index].hasEnding("url") : attributes.contains { bytes[..<index].hasEnding($0) }
            guard isReference else { continue }
            let value = bytes[(index + 1)...].drop { $0 <= 32 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
            if elsewhere.contains(where: { value.hasBeginning($0) }) { count += 1 }
        }
        return count
    }

    private static let attributes = ["src", "srcset", "background", "poster"]
    private static let elsewhere = ["http://", "https://", "//"]
}

extension ArraySlice<UInt8> {
    /// Whether the octets begin with a word in small letters, in whatever case.
    fileprivate func hasBeginning(_ word: String) -> Bool {
        count >= word.utf8.count && zip(self, word.utf8).allSatisfy { $0 == $1 || $0 | 32 == $1 && $1 >= 97 }
    }

    /// Whether the octets end with a word in small letters, in whatever case.
    fileprivate func hasEnding(_ word: String) -> Bool {
        suffix(word.utf8.count).hasBeginning(word) && count >= word.utf8.count
    }
}

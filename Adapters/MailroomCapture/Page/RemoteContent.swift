/// What a letter would load from elsewhere if it were let.
enum RemoteContent {
    /// How many references there are to other servers that a browser would follow by itself, roughly: `src`, `srcset`,
    /// `background` and `poster` attributes, `url(…)` in styles, and `link` elements.
    static func count(in html: String) -> Int {
        let bytes = Array(html.utf8)
        var count = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "=") where attributes.contains { bytes[..<index].hasEnding($0) },
                UInt8(ascii: "(") where bytes[..<index].hasEnding("url"):
                let value = bytes[(index + 1)...].drop {
                    $0 <= 32 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'")
                }
                if elsewhere.contains(where: { value.hasBeginning($0) }) { count += 1 }
            case UInt8(ascii: "<") where bytes[(index + 1)...].hasBeginning("link"): count += 1
            default: break
            }
        }
        return count
    }

    /// HTML without its `link` elements: some make a browser connect to other servers (preconnect, dns-prefetch),
    /// which no policy forbids, and the others are of no use where nothing is loaded.
    static func withoutLinks(_ html: String) -> String {
        let bytes = Array(html.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<"), bytes[(index + 1)...].hasBeginning("link") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            // An element that does not end is none, but what follows it may be read otherwise by a browser.
            index = bytes[index...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count
        }
        return String(decoding: result, as: UTF8.self)
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
        count >= word.utf8.count && suffix(word.utf8.count).hasBeginning(word)
    }
}

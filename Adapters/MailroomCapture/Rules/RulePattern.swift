/// Compares an address with a pattern in which `*` stands for any characters, ASCII letters in either case.
enum RulePattern {
    static func matches(_ pattern: String, _ text: some StringProtocol) -> Bool {
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        var (place, position) = (0, 0)
        // Where to go back to: after the last star, and one character further in the text each time.
        var (star, resumed) = (-1, 0)
        while position < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = place
                resumed = position
                place += 1
            } else if place < pattern.count, lowercase(pattern[place]) == lowercase(text[position]) {
                place += 1
                position += 1
            } else if star >= 0 {
                place = star + 1
                resumed += 1
                position = resumed
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// What follows the last at sign; nothing where there is none.
    static func domain(of address: String) -> Substring {
        address.lastIndex(of: "@").map { address[address.index(after: $0)...] } ?? ""
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}

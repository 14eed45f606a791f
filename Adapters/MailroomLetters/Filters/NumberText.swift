import Foundation

/// A number as a text has it: digits, with a point before decimals and a minus sign before all.
enum NumberText {
    static func number(_ text: String) -> Decimal? {
        guard text.utf8.count <= 52 else { return nil }
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix { (0x30...0x39).contains($0) }.count
        rest = rest.dropFirst(whole)
        guard (1...30).contains(whole) else { return nil }
        if !rest.isEmpty {
            guard rest.first == UInt8(ascii: "."), (2...20).contains(rest.count),
                rest.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
        }
        return Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
    }
}

import Foundation
import Mailroom

/// Decimal numbers without loss.
enum ExactNumber {
    /// A number of JSON, its grammar looked at before; nil where there is no room for all its digits.
    static func read(_ literal: ArraySlice<UInt8>) -> Document.Value? {
        let parts = literal.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 32 == UInt8(ascii: "e") }
        let exponent = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) : 0
        let digits = parts[0].filter { (48...57).contains($0) }.drop { $0 == 48 }
        guard !digits.isEmpty else { return .number(0) }
        let zeros = digits.reversed().prefix { $0 == 48 }.count
        let fraction = parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).dropFirst().first
        guard let exponent, abs(exponent) < 1000, digits.count - zeros <= 38 else { return nil }
        // The value is a whole number of this power of ten, which a Decimal has from -128 to 127.
        let power = exponent - (fraction?.count ?? 0) + zeros
        guard (-120...80).contains(power),
            let number = Decimal(
                string: String(decoding: literal, as: UTF8.self), locale: Locale(identifier: "en_US_POSIX"))
        else { return nil }
        return .number(number)
    }
}

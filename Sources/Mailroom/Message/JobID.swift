public import Foundation

/// The identity of a job, made by the submitter: 48 bits of time and 80 random bits.
///
/// Written as 26 characters of Crockford's base 32, in lower case; sorting the text sorts by time of creation.
/// Offering a submission again under its id never makes a second job.
public struct JobID: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a new id of a time and random numbers.
    public init(at time: Date, random: any RandomSource) {
        let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | random.next() & 0xFFFF
        low = random.next()
    }

    /// Orders ids by the time they were made at.
    public static func < (one: JobID, other: JobID) -> Bool {
        (one.high, one.low) < (other.high, other.low)
    }
}

extension JobID: LosslessStringConvertible {
    /// Reads the 26 characters of an id, in either case; `nil` for anything else.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for digit in digits {
            let lower = digit | 0x20
            guard let value = JobID.alphabet.firstIndex(of: digit < 0x40 ? digit : lower) else { return nil }
            guard high >> 59 == 0 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.init(high: high, low: low)
    }

    /// The 26 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: 26) { buffer in
            var high = high
            var low = low
            for index in stride(from: 25, through: 0, by: -1) {
                buffer[index] = JobID.alphabet[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return 26
        }
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}

/// A moment and the offset it is told in, as the Date field has them (RFC 5322 §3.3).
public struct MessageDate: Hashable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01 00:00 UTC, leap seconds not counted.
    public var secondsSince1970: Int64
    /// How far the local time is ahead of UTC, in minutes.
    public var utcOffset: Int

    /// Makes a date; the years 1900 to 9999 and offsets below a day can be written.
    public init(secondsSince1970: Int64, utcOffset: Int = 0) {
        self.secondsSince1970 = secondsSince1970
        self.utcOffset = utcOffset
    }

    private static let writable: ClosedRange<Int64> = -2_208_988_800 + 86_400...253_402_300_799 - 86_400

    /// Whether the Date field can tell it exactly; what cannot be told is written as the nearest that can.
    package var isWritable: Bool { Self.writable.contains(secondsSince1970) && (-1439...1439).contains(utcOffset) }

    /// The date-time of RFC 5322 §3.3, such as `Fri, 21 Nov 2025 09:30:00 +0100`.
    public var description: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(into output: inout [UInt8]) {
        let offset = max(-1439, min(1439, utcOffset))
        let seconds = max(Self.writable.lowerBound, min(Self.writable.upperBound, secondsSince1970))
        let local = seconds + Int64(offset) * 60
        let days = Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
        let rest = Int(local) - days * 86_400
        let (year, month, day) = Self.civil(days)
        let weekday = ((days % 7) + 11) % 7
        Self.append("SunMonTueWedThuFriSat", weekday, to: &output)
        output.append(UInt8(ascii: ","))
        output.append(ASCII.space)
        if day >= 10 { output.append(UInt8(48 + day / 10)) }
        output.append(UInt8(48 + day % 10))
        output.append(ASCII.space)
        Self.append("JanFebMarAprMayJunJulAugSepOctNovDec", month - 1, to: &output)
        output.append(ASCII.space)
        Self.append(year / 100, to: &output)
        Self.append(year % 100, to: &output)
        output.append(ASCII.space)
        Self.append(rest / 3600, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(rest / 60 % 60, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(rest % 60, to: &output)
        output.append(ASCII.space)
        output.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        Self.append(abs(offset) / 60, to: &output)
        Self.append(abs(offset) % 60, to: &output)
    }

    private static func append(_ twoDigits: Int, to output: inout [UInt8]) {
        output.append(UInt8(48 + twoDigits / 10))
        output.append(UInt8(48 + twoDigits % 10))
    }

    private static func append(_ names: StaticString, _ index: Int, to output: inout [UInt8]) {
        names.withUTF8Buffer { output.append(contentsOf: $0[index * 3..<index * 3 + 3]) }
    }

    /// Year, month and day of the proleptic Gregorian calendar; years are counted from March, so that leap days end them.
    private static func civil(_ daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

/// A moment with its time zone, written into the document's properties. There is no clock in this module:
/// the caller says when, so that the same input gives the same octets.
public struct PDFDate: Sendable, Hashable {
    /// The moment, in seconds since 1 January 1970, 00:00 UTC. The years 1 to 9999 can be written; others are brought
    /// to the nearer end.
    public var secondsSince1970: Int64 { didSet { secondsSince1970 = Self.writable(secondsSince1970) } }
    /// How far local time is ahead of UTC, in minutes: 14 hours at most, in either direction.
    public var minutesFromUTC: Int { didSet { minutesFromUTC = Self.writable(minutesFromUTC) } }

    /// Makes a date.
    public init(secondsSince1970: Int64, minutesFromUTC: Int = 0) {
        self.secondsSince1970 = Self.writable(secondsSince1970)
        self.minutesFromUTC = Self.writable(minutesFromUTC)
    }

    private static func writable(_ seconds: Int64) -> Int64 { min(max(seconds, -62_135_596_800), 253_402_214_400) }

    private static func writable(_ minutes: Int) -> Int { min(max(minutes, -14 * 60), 14 * 60) }

    /// Appends the date as ISO 32000-1, 7.9.4 writes it: `D:20260721101500+02'00'`.
    func write(to bytes: inout [UInt8]) {
        bytes.append("D:")
        write(to: &bytes, between: ("", "", ""), zone: "'")
        if minutesFromUTC != 0 { bytes.append("'") }
    }

    /// Appends the date as XMP writes it: `2026-07-21T10:15:00+02:00`.
    func writeForXMP(to bytes: inout [UInt8]) { write(to: &bytes, between: ("-", "T", ":"), zone: ":") }

    private func write(
        to bytes: inout [UInt8], between separators: (date: StaticString, clock: StaticString, time: StaticString),
        zone: StaticString
    ) {
        let local = secondsSince1970 + Int64(minutesFromUTC) * 60
        let second = Int(((local % 86_400) + 86_400) % 86_400)
        let (year, month, day) = Self.civil(days: Int((local - Int64(second)) / 86_400))
        bytes.append(digits: year / 100)
        bytes.append(digits: year % 100)
        bytes.append(separators.date)
        bytes.append(digits: month)
        bytes.append(separators.date)
        bytes.append(digits: day)
        bytes.append(separators.clock)
        bytes.append(digits: second / 3_600)
        bytes.append(separators.time)
        bytes.append(digits: second / 60 % 60)
        bytes.append(separators.time)
        bytes.append(digits: second % 60)
        guard minutesFromUTC != 0 else { return bytes.append("Z") }
        bytes.append(minutesFromUTC < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        bytes.append(digits: abs(minutesFromUTC) / 60)
        bytes.append(zone)
        bytes.append(digits: abs(minutesFromUTC) % 60)
    }

    /// The proleptic Gregorian date of a day counted from 1 January 1970, found by way of 400-year eras
    /// that begin on 1 March, so that the leap day is the last of its year.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

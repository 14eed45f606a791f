import Foundation

/// A date or a moment as ISO 8601 writes it: `2026-03-14`, `2026-03-14T10:30`, `2026-03-14T10:30:00Z`,
/// `2026-03-14T10:30:00.5+01:00`.
struct DateText {
    /// The moment; of a mere date, its beginning in UTC.
    let date: Date
    let hasTime: Bool

    /// Reads a text; nil if it is no date of the years from 1583 to 9999.
    ///
    /// A time without an offset is one of the time zone's.
    init?(_ text: String, timeZone: TimeZone) {
        guard text.utf8.count <= 64 else { return nil }
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let year = reader.number(4), year > 1582, reader.skip("-"), let month = reader.number(2),
            reader.skip("-"),
            let day = reader.number(2), (1...12).contains(month), (1...Self.days(of: month, in: year)).contains(day)
        else { return nil }
        let midnight = Self.daysSinceEpoch(year, month, day) * 86_400
        guard !reader.isAtEnd else {
            date = Date(timeIntervalSince1970: Double(midnight))
            hasTime = false
            return
        }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(2), hour < 24,
            reader.skip(":"), let minute = reader.number(2), minute < 60
        else { return nil }
        var second = 0
        if reader.skip(":") {
            guard let number = reader.number(2), number < 60 else { return nil }
            second = number
            if reader.skip(".") || reader.skip(",") { guard reader.skipDigits() else { return nil } }
        }
        let seconds = Double(midnight + hour * 3600 + minute * 60 + second)
        if reader.isAtEnd {
            date = Self.moment(seconds, in: timeZone)
        } else {
            guard let offset = reader.offset(), reader.isAtEnd else { return nil }
            date = Date(timeIntervalSince1970: seconds - Double(offset))
        }
        hasTime = true
    }

    /// Whether a moment is of the years from 1 to 9999.
    static func canShow(_ date: Date) -> Bool {
        (-62_135_596_800.0..<253_402_214_400).contains(date.timeIntervalSince1970)
    }

    /// A moment's day in a time zone, as `2026-03-14`.
    static func day(of date: Date, in timeZone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2))"
    }

    /// The moment when a time zone's clocks show so many seconds since 1970.
    private static func moment(_ seconds: Double, in timeZone: TimeZone) -> Date {
        let guess = Date(timeIntervalSince1970: seconds)
        let first = guess - Double(timeZone.secondsFromGMT(for: guess))
        return guess - Double(timeZone.secondsFromGMT(for: first))
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days of the Gregorian calendar, counted in years that begin with March.
    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month < 3 ? year - 1 : year
        let days = 365 * year + year / 4 - year / 100 + year / 400
        return days + (153 * ((month + 9) % 12) + 2) / 5 + day - 1 - 719_468
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.isEmpty }

        mutating func number(_ digits: Int) -> Int? {
            guard rest.count >= digits else { return nil }
            var number = 0
            for byte in rest.prefix(digits) {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(digits)
            return number
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func skipDigits() -> Bool {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count > 0
        }

        /// Seconds east of Greenwich.
        mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let sign: Int
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = number(2), hours < 24 else { return nil }
            guard skip(":") || !isAtEnd else { return sign * hours * 3600 }
            guard let minutes = number(2), minutes < 60 else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}

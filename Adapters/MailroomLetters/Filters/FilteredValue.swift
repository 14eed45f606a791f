import Foundation
import Mailroom

/// The text of a value, its filters applied. Locale and calendar are always named: never the system's.
enum FilteredValue {
    /// Why a value has no such text.
    struct Refusal: Error {
        let kind: ValueProblem.Kind
    }

    static func text(
        of value: Document.Value, _ filters: [Filter], _ setting: MustacheSetting
    ) throws(Refusal) -> String {
        guard !filters.isEmpty else { return try plain(value) }
        var value = value
        for filter in filters { value = .text(try text(of: value, filter, setting)) }
        return try plain(value)
    }

    private static func text(
        of value: Document.Value, _ filter: Filter, _ setting: MustacheSetting
    ) throws(Refusal) -> String {
        guard filter.readsValue else { return try filter.applied(to: value, NamedLocale.of(setting.locale), setting) }
        let key = FilterMemory.Key(filter: filter, value: value, locale: setting.locale, timeZone: setting.timeZone)
        return try FilterMemory.text(for: key) { () throws(Refusal) in
            try filter.applied(to: value, NamedLocale.of(setting.locale), setting)
        }
    }

    /// A text, or a number's digits.
    fileprivate static func plain(_ value: Document.Value) throws(Refusal) -> String {
        switch value {
        case .text(let text): return text
        case .number(let number) where number.isFinite: return number.description
        case .number: throw .notANumber
        case .flag, .list, .object: throw Refusal(kind: .notText)
        }
    }
}

extension FilteredValue.Refusal {
    fileprivate static let notANumber = Self(kind: .unfit("must be a number, such as 1234.5"))
}

extension Filter {
    fileprivate func applied(
        to value: Document.Value, _ locale: Locale, _ setting: MustacheSetting
    ) throws(FilteredValue.Refusal) -> String {
        switch self {
        case .money(let currency):
            let style = Decimal.FormatStyle.Currency(code: currency, locale: locale)
            return shown(try number(value), style.rounded(rule: .toNearestOrAwayFromZero))
        case .number(let decimals):
            let style = Decimal.FormatStyle(locale: locale).rounded(rule: .toNearestOrAwayFromZero)
            let precision = decimals.map { $0...$0 } ?? 0...20
            return shown(try number(value), style.precision(.fractionLength(precision)))
        case .date(let length, let withTime): return try date(value, length, withTime: withTime, locale, setting)
        case .time: return try date(value, nil, withTime: true, locale, setting)
        case .uppercase: return try FilteredValue.plain(value).uppercased(with: locale)
        case .lowercase: return try FilteredValue.plain(value).lowercased(with: locale)
        case .capitalized:
            let text = try FilteredValue.plain(value)
            return text.prefix(1).uppercased(with: locale) + text.dropFirst()
        }
    }

    private func number(_ value: Document.Value) throws(FilteredValue.Refusal) -> Decimal {
        var number: Decimal?
        if case .number(let known) = value { number = known }
        if case .text(let text) = value { number = NumberText.number(text) }
        guard let number, number.isFinite else { throw .notANumber }
        return number
    }

    /// A number in a style; what is rounded to nothing has no sign.
    private func shown<Style: FormatStyle>(_ number: Decimal, _ style: Style) -> String
    where Style.FormatInput == Decimal, Style.FormatOutput == String {
        guard number < 0 else { return style.format(number) }
        let zero = style.format(0)
        return style.format(-number) == zero ? zero : style.format(number)
    }

    private func date(
        _ value: Document.Value, _ length: DateLength?, withTime: Bool, _ locale: Locale, _ setting: MustacheSetting
    ) throws(FilteredValue.Refusal) -> String {
        // Foundation takes a name with a NUL for what stands before it, or for UTC.
        let isPlain = setting.timeZone.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, let timeZone = TimeZone(identifier: setting.timeZone) else {
            let name = setting.timeZone.shortened
            let reason = "cannot be shown as a date: “\(name)” is no time zone; use a name such as Europe/Paris"
            throw FilteredValue.Refusal(kind: .unfit(reason))
        }
        guard case .text(let text) = value, let moment = DateText(text, timeZone: timeZone) else {
            throw FilteredValue.Refusal(kind: .unfit("must be a date, such as 2026-03-14 or 2026-03-14T10:30:00Z"))
        }
        guard moment.hasTime || !withTime else {
            throw FilteredValue.Refusal(kind: .unfit("must have a time, as in 2026-03-14T10:30:00Z"))
        }
        let hasTwoDigits = withTime && NamedLocale.hasTwoDigitHours(setting.locale)
        var style = Date.FormatStyle(
            date: length?.style ?? .omitted, time: withTime && !hasTwoDigits ? .shortened : .omitted, locale: locale,
            calendar: Calendar(identifier: .gregorian), timeZone: moment.hasTime ? timeZone : .gmt)
        if hasTwoDigits { style = style.hour(.twoDigits(amPM: .abbreviated)).minute(.twoDigits) }
        let shown = moment.date.formatted(style)
        guard let length, length != .short, NamedLocale.isFrench(setting.locale) else { return shown }
        return Self.withOrdinal(shown)
    }

    /// A French date, its day as “1er” if it is 1.
    private static func withOrdinal(_ date: String) -> String {
        guard let start = date.firstIndex(where: \.isNumber) else { return date }
        let day = date[start...].prefix(while: \.isNumber)
        return day == "1" ? date[..<start] + "1er" + date[day.endIndex...] : date
    }
}

extension Filter.DateLength {
    fileprivate var style: Date.FormatStyle.DateStyle {
        switch self {
        case .short: .numeric
        case .medium: .abbreviated
        case .long: .long
        case .full: .complete
        }
    }
}

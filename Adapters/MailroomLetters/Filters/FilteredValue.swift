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
        var value = value
        for filter in filters {
            guard filter.readsValue else {
                value = .text(try filter.applied(to: value, locale: Locale(identifier: setting.locale), ""))
                continue
            }
            let key = FilterMemory.Key(
                filter: filter, value: value, locale: setting.locale, timeZone: setting.timeZone)
            let text = try FilterMemory.text(for: key) { () throws(Refusal) in
                try filter.applied(to: key.value, locale: Locale(identifier: key.locale), key.timeZone)
            }
            value = .text(text)
        }
        switch value {
        case .text(let text): return text
        case .number(let number): return number.description
        case .flag, .list, .object: throw Refusal(kind: .notText)
        }
    }
}

extension Filter {
    fileprivate func applied(
        to value: Document.Value, locale: Locale, _ timeZone: String
    ) throws(FilteredValue.Refusal) -> String {
        switch self {
        case .money(let currency):
            let style = Decimal.FormatStyle.Currency(code: currency, locale: locale)
            return try number(value).formatted(style.rounded(rule: .toNearestOrAwayFromZero))
        case .number(let decimals):
            let style = Decimal.FormatStyle(locale: locale).rounded(rule: .toNearestOrAwayFromZero)
            let shown = decimals.map { $0...$0 } ?? 0...20
            return try number(value).formatted(style.precision(.fractionLength(shown)))
        case .date(let length, let withTime):
            return try shown(value, length.style, withTime ? .shortened : .omitted, locale, timeZone)
        case .time: return try shown(value, .omitted, .shortened, locale, timeZone)
        case .uppercase: return try text(value).uppercased(with: locale)
        case .lowercase: return try text(value).lowercased(with: locale)
        case .capitalized:
            let text = try text(value)
            return text.prefix(1).uppercased(with: locale) + text.dropFirst()
        }
    }

    private func text(_ value: Document.Value) throws(FilteredValue.Refusal) -> String {
        switch value {
        case .text(let text): return text
        case .number(let number): return number.description
        case .flag, .list, .object: throw FilteredValue.Refusal(kind: .notText)
        }
    }

    private func number(_ value: Document.Value) throws(FilteredValue.Refusal) -> Decimal {
        var number: Decimal?
        if case .number(let known) = value { number = known }
        if case .text(let text) = value { number = NumberText.number(text) }
        guard let number, number.isFinite else {
            throw FilteredValue.Refusal(kind: .unfit("must be a number, such as 1234.5"))
        }
        return number
    }

    private func shown(
        _ value: Document.Value, _ date: Date.FormatStyle.DateStyle, _ time: Date.FormatStyle.TimeStyle,
        _ locale: Locale, _ name: String
    ) throws(FilteredValue.Refusal) -> String {
        guard let timeZone = TimeZone(identifier: name) else {
            let reason = "cannot be shown as a date: “\(name)” is no time zone; use a name such as Europe/Paris"
            throw FilteredValue.Refusal(kind: .unfit(reason))
        }
        guard case .text(let text) = value, let moment = DateText(text, timeZone: timeZone) else {
            throw FilteredValue.Refusal(kind: .unfit("must be a date, such as 2026-03-14 or 2026-03-14T10:30:00Z"))
        }
        guard moment.hasTime || time == .omitted else {
            throw FilteredValue.Refusal(kind: .unfit("must have a time, as in 2026-03-14T10:30:00Z"))
        }
        let style = Date.FormatStyle(
            date: date, time: time, locale: locale, calendar: Calendar(identifier: .gregorian),
            timeZone: moment.hasTime ? timeZone : .gmt)
        let date = moment.date.formatted(style)
        return self == .time ? date : Self.countingFirst(date, in: locale)
    }

    /// French says “le 1er mai”, which the system's formats leave to others.
    private static func countingFirst(_ date: String, in locale: Locale) -> String {
        guard locale.language.languageCode == .french else { return date }
        return date.split(separator: " ", omittingEmptySubsequences: false).map { $0 == "1" ? "1er" : $0 }
            .joined(separator: " ")
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

/// What is done to a value before it is shown.
enum Filter: Hashable, Sendable {
    /// How much of a date is written out: in figures, with a short month, with the month, with the weekday too.
    enum DateLength: String, CaseIterable, Sendable { case short, medium, long, full }

    /// An amount with its currency's sign or code, and as many decimals as the currency has.
    case money(currency: String)
    /// A number with grouped digits; so many decimals, or as many as it has, but at most 20.
    case number(decimals: Int?)
    case date(DateLength, withTime: Bool)
    case time
    case uppercase
    case lowercase
    /// The first letter as a capital.
    case capitalized

    /// As tags have it.
    var name: String {
        switch self {
        case .money: "money"
        case .number: "number"
        case .date: "date"
        case .time: "time"
        case .uppercase: "uppercase"
        case .lowercase: "lowercase"
        case .capitalized: "capitalized"
        }
    }

    /// Whether it needs a number or a date, which no other filter gives.
    var readsValue: Bool {
        switch self {
        case .money, .number, .date, .time: true
        case .uppercase, .lowercase, .capitalized: false
        }
    }
}

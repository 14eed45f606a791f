import Foundation
import Mailroom

/// The text of a value, its filters applied.
enum FilteredValue {
    struct Refusal: Error {
        let kind: ValueProblem.Kind

        init(_ kind: ValueProblem.Kind) { self.kind = kind }
    }

    static func text(
        of value: Document.Value, _ filters: [Filter], _ setting: MustacheSetting
    ) -> Result<String, Refusal> {
        switch value {
        case .text(let text): .success(text)
        case .number(let number): .success(number.description)
        default: .failure(Refusal(.notText))
        }
    }
}

enum DateText {
    static func day(of date: Date, inTimeZone: String) -> String? { nil }
}

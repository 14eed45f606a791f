import Foundation
import Synchronization

/// The locale that a language tag names, the same on every machine.
enum NamedLocale {
    private static let languages = Set(Locale.availableIdentifiers.map(language))

    /// English for an unknown language: Foundation would take the system's.
    static func of(_ tag: String) -> Locale {
        Locale(identifier: languages.contains(language(of: tag)) ? tag : "en")
    }

    /// Whether dates begin with an ordinal on the first of a month: “1er juillet”.
    static func isFrench(_ tag: String) -> Bool { language(of: tag) == "fr" }

    /// Whether the hours of its clock are always two digits: “08:05”, which Foundation's own style writes “8:05”.
    static func hasTwoDigitHours(_ tag: String) -> Bool {
        if let known = twoDigitHours.withLock({ $0[tag] }) { return known }
        let format = DateFormatter.dateFormat(fromTemplate: "jmm", options: 0, locale: of(tag))
        let hasTwo = format?.contains("HH") == true
        twoDigitHours.withLock { known in
            // Tags come from documents: what is kept of them is bounded.
            if known.count >= 100 { known.removeAll() }
            known[tag] = hasTwo
        }
        return hasTwo
    }

    private static let twoDigitHours = Mutex<[String: Bool]>([:])

    private static func language(of tag: String) -> String {
        tag.prefix { $0 != "-" && $0 != "_" && $0 != "@" }.lowercased()
    }
}

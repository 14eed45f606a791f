import Foundation

/// The locale that a language tag names, the same on every machine.
enum NamedLocale {
    private static let languages = Set(Locale.availableIdentifiers.map(language))

    /// English for an unknown language: Foundation would take the system's.
    static func of(_ tag: String) -> Locale {
        Locale(identifier: languages.contains(language(of: tag)) ? tag : "en")
    }

    /// Whether dates begin with an ordinal on the first of a month: “1er juillet”.
    static func isFrench(_ tag: String) -> Bool { language(of: tag) == "fr" }

    private static func language(of tag: String) -> String {
        tag.prefix { $0 != "-" && $0 != "_" && $0 != "@" }.lowercased()
    }
}

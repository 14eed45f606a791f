public import Foundation

/// A letter to be rendered: a template, the values for it, and all that could make two renderings differ.
public struct Document: Hashable, Sendable {
    /// The template's name, as its renderer knows it.
    public var template: String
    /// The values that the template asks for.
    public var values: [String: Value]
    /// The language of dates and numbers, as BCP 47 has it; `nil` is the template's own, and one that is not known is
    /// written as English.
    public var locale: String?
    /// The time zone of dates, by its IANA name.
    public var timeZone: String
    /// The moment the letter is dated. Submitting sets it, so that a later rendering gives the same letter.
    public package(set) var date: Date
    /// The version of the template that the submitter checked the values against.
    public package(set) var version: TemplateVersion?

    /// A document of a template.
    public init(
        template: String, values: [String: Value] = [:], locale: String? = nil, timeZone: String = "UTC",
        date: Date = Date(timeIntervalSince1970: 0)
    ) {
        self.template = template
        self.values = values
        self.locale = locale
        self.timeZone = timeZone
        self.date = date
    }

    /// A value for a template.
    public indirect enum Value: Hashable, Sendable {
        /// Text, put into the letter as it stands: never read as markup.
        case text(String)
        /// A condition.
        case flag(Bool)
        /// A number: as digits with a point where a template does not say how, and always a value to a section.
        case number(Decimal)
        /// What a section repeats over, in order.
        case list([Value])
        /// Named values within a section.
        case object([String: Value])
    }
}

/// Which edition of a template: the digest of its source.
public struct TemplateVersion: Hashable, Sendable, CustomStringConvertible {
    /// Of the template's source.
    public let digest: SHA256Digest

    /// The version of a template with this source.
    public init(of source: [UInt8]) { digest = SHA256Digest(of: source) }

    package init(digest: SHA256Digest) { self.digest = digest }

    /// The digest's first twelve digits, enough to tell editions apart.
    public var description: String { String(digest.description.prefix(12)) }
}

extension Document.Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A condition.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(Decimal(value)) }
    /// A number with up to 15 digits, exactly as it is written.
    public init(floatLiteral value: Double) {
        self = .number(Decimal(string: value.description, locale: nil) ?? Decimal(value))
    }
    /// A list.
    public init(arrayLiteral elements: Document.Value...) { self = .list(elements) }
    /// Named values.
    public init(dictionaryLiteral elements: (String, Document.Value)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

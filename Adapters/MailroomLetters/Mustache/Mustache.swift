import Foundation
import Mailroom

/// A template compiled once and expanded many times: Mustache as its specification has it, without lambdas.
///
/// Tags: `{{name}}`, `{{a.b}}`, `{{.}}`, unescaped `{{{name}}}` and `{{&name}}`, sections `{{#x}}…{{/x}}`, inverted
/// ones `{{^x}}…{{/x}}`, comments `{{! … }}`, delimiters `{{=<% %>=}}`, partials `{{>name}}`, parents
/// `{{<name}}{{$block}}…{{/block}}{{/name}}`, blocks `{{$block}}…{{/block}}` and dynamic names `{{>*key}}`.
/// Beyond the specification: `{{name?}}` may be absent, and `{{total | money EUR}}` filters a value.
///
/// An absent value, an empty text, an empty list and a false flag are no value to a section; a number always is one.
struct Mustache: Sendable {
    let program: MustacheProgram

    /// Compiles a template.
    ///
    /// - Parameters:
    ///   - source: UTF-8 without control characters but tabs and line ends.
    ///   - line: the number of the source's first line, where it is a part of a file.
    init(_ source: [UInt8], startingAtLine line: Int = 1) throws(TemplateFault) {
        var compiler = MustacheCompiler(source, startingAtLine: line)
        program = try compiler.compile()
    }

    /// The partials and parents named outright, with the lines of their tags, in the source's order.
    var partials: [Key] { program.calls.filter { $0.dynamicKey == nil }.map(\.key) }
}

/// How far one expansion may go.
struct MustacheLimits: Sendable {
    /// Partials, parents and blocks within each other.
    var calls = 64
    /// Sections and all of the above within each other.
    var depth = 1024
    /// Bytes that are made.
    var output = 16 << 20
    /// Instructions, items of lists and look-ups; calls, filters and problems count more.
    var steps = 1 << 23
}

/// What an expansion depends on besides template and values.
struct MustacheSetting: Sendable {
    /// The other templates, by the names that tags use.
    var partials: [String: Mustache] = [:]
    var escaping: Escaping
    /// The language of dates and numbers, as BCP 47 has it.
    var locale = "en"
    /// The time zone of dates, by its IANA name.
    var timeZone = "UTC"
    /// The moment behind `letter.date`, unless the values have a `letter` of their own.
    var date: Date?
    var missing = MissingValues.reported
    var limits = MustacheLimits()
}

extension Mustache {
    /// Appends what the template makes of values, and what is wrong with them, each problem once.
    func expand(
        _ values: [String: Document.Value], _ setting: MustacheSetting, into output: inout [UInt8],
        problems: inout [ValueProblem]
    ) {
        var expander = MustacheExpander(self, root: .object(values), setting)
        expander.run(into: &output)
        problems += expander.problems
    }

    /// Expands and says where every stretch of the output comes from, sorted by offset.
    func expand(
        _ values: [String: Document.Value], _ setting: MustacheSetting, into output: inout [UInt8],
        problems: inout [ValueProblem], origins: inout [Origin]
    ) {
        var expander = MustacheExpander(self, root: .object(values), setting)
        expander.isTracing = true
        expander.run(into: &output)
        problems += expander.problems
        origins += expander.origins
    }
}

import Foundation
import Mailroom

/// A template's values as JSON for people, names sorted.
enum ValuesText {
    static func text(of values: [String: Document.Value]) -> String { object(values, indent: "") + "\n" }

    private static func text(of value: Document.Value, indent: String) -> String {
        switch value {
        case .text(let text): Listing.quoted(text)
        case .flag(let flag): flag ? "true" : "false"
        case .number(let number): number.description
        case .list(let values): enclosed(values.map { text(of: $0, indent: indent + "  ") }, "[", "]", indent)
        case .object(let values): object(values, indent: indent)
        }
    }

    private static func object(_ values: [String: Document.Value], indent: String) -> String {
        enclosed(
            values.sorted { $0.key < $1.key }.map { name, value in
                "\(Listing.quoted(name)): \(text(of: value, indent: indent + "  "))"
            }, "{", "}", indent)
    }

    private static func enclosed(_ parts: [String], _ open: String, _ close: String, _ indent: String) -> String {
        guard !parts.isEmpty else { return open + close }
        return "\(open)\n" + parts.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(close)"
    }
}

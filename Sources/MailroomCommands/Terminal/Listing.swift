package import Foundation

/// Rows to be shown as a table for people, or as JSON lines or CSV for programs.
package struct Listing {
    package enum Format: String, CaseIterable {
        case table
        case json
        case csv
    }

    package enum Value {
        case text(String?)
        case number(Int)
        case time(Date?)
        case tags([String: String])
        /// Of 1; `nil` where there is nothing to have a share of.
        case share(Double?)
        /// Whole seconds.
        case age(Int?)
    }

    let columns: [String]
    /// The columns that a table for people has room for.
    let tableColumns: [String]
    private(set) var rows: [[Value]] = []

    package init(columns: [String], tableColumns: [String]? = nil) {
        self.columns = columns
        self.tableColumns = tableColumns ?? columns
    }

    package mutating func append(_ row: [Value]) { rows.append(row) }

    package func text(as format: Format) -> String {
        switch format {
        case .table: table
        case .json: rows.map { json($0) + "\n" }.joined()
        case .csv: ([columns] + rows.map { $0.map(\.plain) }).map(Listing.csvLine).joined()
        }
    }

    // MARK: For people

    private var table: String {
        let shown = tableColumns.compactMap { columns.firstIndex(of: $0) }
        let cells = rows.map { row in shown.map { row[$0].short } }
        var widths = shown.map { columns[$0].count }
        for row in cells { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return Listing.withoutTrailingBlanks(padded.joined(separator: "  ")) + "\n"
        }
        let head = line(shown.map { columns[$0].replacingOccurrences(of: "_", with: " ").uppercased() })
        return head + cells.map(line).joined()
    }

    private static func withoutTrailingBlanks(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    // MARK: For programs

    private func json(_ row: [Value]) -> String {
        "{" + zip(columns, row).map { "\(Listing.quoted($0)):\($1.json)" }.joined(separator: ",") + "}"
    }

    /// A JSON string (RFC 8259 §7).
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{00}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A line of CSV (RFC 4180), ended by CRLF.
    static func csvLine(_ fields: [String]) -> String {
        fields.map { field in
            field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
                ? "\"\(field.replacingOccurrences(of: "\"", with: "\"\""))\"" : field
        }.joined(separator: ",") + "\r\n"
    }
}

extension Listing.Value {
    /// With the whole date in UTC, for programs.
    fileprivate var plain: String {
        switch self {
        case .text(let text): text ?? ""
        case .number(let number): String(number)
        case .time(let time): time.map(Self.timestamp) ?? ""
        case .tags(let tags): tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        case .share(let share): share.map { Self.decimal($0, places: 4) } ?? ""
        case .age(let seconds): seconds.map(String.init) ?? ""
        }
    }

    /// For a cell: one line.
    fileprivate var short: String {
        switch self {
        case .time(let time):
            time.map { Self.timestamp($0).replacingOccurrences(of: "T", with: " ").prefix(19) + "" } ?? ""
        case .share(let share): share.map { "\(Self.decimal($0 * 100, places: 2)) %" } ?? "–"
        case .age(let seconds): seconds.map(Self.words) ?? "–"
        default: Console.printable(plain)
        }
    }

    fileprivate var json: String {
        switch self {
        case .text(let text): text.map(Listing.quoted) ?? "null"
        case .number(let number): String(number)
        case .time(let time): time.map { Listing.quoted(Self.timestamp($0)) } ?? "null"
        case .tags(let tags):
            "{"
                + tags.sorted { $0.key < $1.key }
                .map { "\(Listing.quoted($0.key)):\(Listing.quoted($0.value))" }.joined(separator: ",") + "}"
        case .share(let share): share.map { Self.decimal($0, places: 4) } ?? "null"
        case .age(let seconds): seconds.map(String.init) ?? "null"
        }
    }

    private static func decimal(_ number: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let rounded = (number * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }

    /// Such as `2 h 5 min`.
    static func words(_ seconds: Int) -> String {
        switch seconds {
        case ..<0: "over"
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }

    private static func timestamp(_ time: Date) -> String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

package import Mailroom

/// A list of people as letters to them: each row's columns are the template's values.
package struct LetterList {
    /// A letter, and its row's line in the file.
    package struct Letter {
        package var line: Int
        package var message: Message

        package init(line: Int, message: Message) {
            self.line = line
            self.message = message
        }
    }

    /// What is wrong with a row.
    package struct Problem {
        package var line: Int
        package var reason: String
    }

    package private(set) var letters: [Letter] = []
    package private(set) var problems: [Problem] = []

    package init(
        _ file: [UInt8], template: String, from: String?, subject: String = "", queue: QueueName = .default,
        tags: [String: String] = [:], tagColumns: [String] = []
    ) throws {
        let rows: [CSVReader.Row]
        do {
            rows = try CSVReader.rows(of: file)
        } catch {
            throw UsageError("the list's line \(error.line): \(error)")
        }
        guard let header = rows.first else { throw UsageError("the list is empty: its first row names the columns") }
        let columns = header.fields.map { String($0.drop { $0 == " " }) }
        guard let address = columns.firstIndex(of: "email") else {
            throw UsageError("the list has no column email: its first row has \(columns.joined(separator: ", "))")
        }
        if let twice = columns.first(where: { column in columns.count { $0 == column } > 1 }) {
            throw UsageError("the list has two columns \"\(twice)\"")
        }
        if let missing = tagColumns.first(where: { !columns.contains($0) }) {
            throw UsageError(
                "the list has no column \(missing) to tag by" + Nearest.advice(to: missing, among: columns))
        }
        for row in rows.dropFirst() {
            guard row.fields.count == columns.count else {
                let isShort = row.fields.count < columns.count
                problems.append(
                    Problem(
                        line: row.line,
                        reason: isShort
                            ? "the column \(columns[row.fields.count]) is missing"
                            : "there are \(row.fields.count) columns, \(columns.count) have a name"))
                continue
            }
            let values = Dictionary(uniqueKeysWithValues: zip(columns, row.fields))
            guard !row.fields[address].isEmpty else {
                problems.append(Problem(line: row.line, reason: "email: there is no address"))
                continue
            }
            var message = Message(
                from: from, to: [.to(row.fields[address], name: LetterList.name(in: values))], subject: subject,
                document: Document(template: template, values: values.mapValues { .text($0) }))
            message.options.queue = queue
            message.options.tags = tags
            for column in tagColumns { message.options.tags[column] = values[column] }
            letters.append(Letter(line: row.line, message: message))
        }
    }

    private static func name(in values: [String: String]) -> String? {
        let name = [values["first_name"], values["last_name"]].compactMap { $0 }.filter { !$0.isEmpty }
        return name.isEmpty ? nil : name.joined(separator: " ")
    }
}

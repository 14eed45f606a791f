import MailroomTemplates

/// The rows of the list of teachers, by column (RFC 4180).
func teachers() -> [[String: String]] {
    var rows = [[""]]
    var isQuoted = false
    var previous: Character = "\n"
    for character in String(decoding: Shipped.teachers, as: UTF8.self) {
        let row = rows.count - 1
        switch character {
        case "\"":
            isQuoted.toggle()
            if isQuoted && previous == "\"" { rows[row][rows[row].count - 1] += "\"" }
        case "," where !isQuoted: rows[row].append("")
        case "\n" where !isQuoted: rows.append([""])
        default: rows[row][rows[row].count - 1].append(character)
        }
        previous = character
    }
    let header = rows.removeFirst()
    return rows.filter { $0.count == header.count }.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
}

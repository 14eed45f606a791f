/// Finds the name that somebody meant.
package enum Nearest {
    /// `; did you mean --x?`, or nothing where no name is near.
    package static func advice(to word: String, among names: [String], prefix: String = "") -> String {
        let best = names.map { (distance(word.utf8, $0.utf8), $0) }.min { $0.0 < $1.0 }
        guard let best, best.0 <= max(2, word.utf8.count / 3) else { return "" }
        return "; did you mean \(prefix)\(best.1)?"
    }

    /// The number of letters to insert, remove or change (Levenshtein).
    package static func distance<Letter: Equatable>(
        _ one: some Sequence<Letter>, _ other: some Collection<Letter>
    ) -> Int {
        var row = Array(0...other.count)
        for (line, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, candidate) in other.enumerated() {
                let changed = diagonal + (letter == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[other.count]
    }
}

/// A table of a letter.
struct LetterTable: Sendable, Equatable {
    enum Alignment: Sendable, Equatable {
        case left, center, right
    }

    /// How each column is set.
    var columns: [Alignment]
    /// Which of the letter's runs are each cell's, row after row, as many a row as there are columns. The first row is
    /// the header.
    var cells: [Range<Int>] = []

    var rowCount: Int { cells.count / columns.count }

    /// The cells of a row; row 0 is the header.
    func row(_ row: Int) -> ArraySlice<Range<Int>> { cells[(row * columns.count)..<((row + 1) * columns.count)] }

    /// Whether the header says anything: a table whose header cells are all empty shows none.
    var hasHeader: Bool { row(0).contains { !$0.isEmpty } }
}

/// A picture of a letter.
struct LetterImage: Sendable, Equatable {
    /// The file's path within the template folder, with `/` between names and none of them `..`.
    var path: String
    /// What it shows, in words.
    var description: String
    var title: String?
    /// In points; nil for the size the file suggests.
    var width: Double?
}

/// Writes a table as columns of plain text.
enum TextTable {
    /// How many blanks stand between two columns.
    private static let gutter = 2
    /// No column is made narrower than this, however many there are.
    private static let narrowest = 6

    /// Writes rows of cells; the first row is the header.
    static func write(
        _ rows: [[[UInt8]]], columns: [LetterTable.Alignment], hasHeader: Bool, into lines: inout LineWrapper
    ) {
        let shown = hasHeader ? rows[...] : rows.dropFirst()
        let widths = fitted(natural(shown, count: columns.count), to: lines.width)
        let wrapped = shown.map { row in zip(row, widths).map { Self.lines(of: $0, width: $1) } }
        // A word longer than its column makes the column wider.
        let final = columns.indices.map { column in
            wrapped.reduce(1) { widest, row in
                row[column].reduce(widest) { max($0, LineWrapper.columns(of: $1)) }
            }
        }
        let isParted = wrapped.contains { row in row.contains { $0.count > 1 } }
        for (index, row) in wrapped.enumerated() {
            if isParted && index > (hasHeader ? 1 : 0) { lines.output.append(0x0A) }
            for line in 0..<(row.map(\.count).max() ?? 1) {
                let texts = row.map { line < $0.count ? $0[line] : [] }
                append(texts, widths: final, columns: columns, to: &lines.output)
            }
            if hasHeader && index == 0 {
                let dashes = final.map { [UInt8](repeating: UInt8(ascii: "-"), count: $0)[...] }
                append(dashes, widths: final, columns: columns, to: &lines.output)
            }
        }
    }

    private static func natural(_ rows: ArraySlice<[[UInt8]]>, count: Int) -> [Int] {
        var widths = [Int](repeating: 1, count: count)
        for row in rows {
            for (column, cell) in row.enumerated() {
                for line in cell.split(separator: 0x0A) {
                    widths[column] = max(widths[column], LineWrapper.columns(of: line))
                }
            }
        }
        return widths
    }

    /// Makes the widest columns narrower until all fit.
    private static func fitted(_ natural: [Int], to width: Int) -> [Int] {
        let free = width - gutter * (natural.count - 1)
        guard natural.reduce(0, +) > free else { return natural }
        var limit = width
        while limit > narrowest && natural.reduce(0, { $0 + min($1, limit) }) > free { limit -= 1 }
        var widths = natural.map { min($0, limit) }
        // What is left over goes to those that were cut, from the left.
        var rest = free - widths.reduce(0, +)
        for column in widths.indices where rest > 0 && natural[column] > widths[column] {
            widths[column] += 1
            rest -= 1
        }
        return widths
    }

    private static func lines(of cell: [UInt8], width: Int) -> [ArraySlice<UInt8>] {
        guard !cell.isEmpty else { return [] }
        var wrapper = LineWrapper(width: width)
        wrapper.wrap(cell[...])
        return wrapper.output.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
    }

    private static func append(
        _ texts: [ArraySlice<UInt8>], widths: [Int], columns: [LetterTable.Alignment], to output: inout [UInt8]
    ) {
        // Blanks are written once a text follows them, so none end a line.
        var pending = 0
        for (column, text) in texts.enumerated() {
            let free = widths[column] - LineWrapper.columns(of: text)
            let before =
                switch columns[column] {
                case .left: 0
                case .center: free / 2
                case .right: free
                }
            pending += before
            if !text.isEmpty {
                output.append(contentsOf: repeatElement(0x20, count: pending))
                output += text
                pending = 0
            }
            pending += free - before + gutter
        }
        output.append(0x0A)
    }
}

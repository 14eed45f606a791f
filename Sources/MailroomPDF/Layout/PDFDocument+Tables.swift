extension PDFDocument {
    /// Adds a table. With the style's `keepsTogether` it is not divided unless it is higher than a page.
    ///
    /// Columns that are together wider than the text, and rows of more cells than there are columns, are errors.
    public mutating func addTable(_ table: PDFTable) {
        guard fault == nil else { return }
        let column = (left, measure)
        left += thousandths(table.style.leftIndent)
        measure -= thousandths(table.style.leftIndent) + thousandths(table.style.rightIndent)
        if let look = look(of: table) {
            if table.style.keepsTogether { flow.beginGroup() }
            put(table, look: look)
            if table.style.keepsTogether { flow.endGroup() }
        }
        (left, measure) = column
    }

    private mutating func put(_ table: PDFTable, look: TableRow.Look) {
        let count = table.header.count + table.rows.count
        var header: [TableRow] = []
        var repeated: TableRow.Header?
        var row = TableRow()
        for (index, cells) in (table.header + table.rows).enumerated() {
            let isHeader = index < table.header.count
            row.look = look
            setCells(of: &row, to: cells, of: table, isHeader: isHeader)
            row.isLastOfHeader = index == table.header.count - 1
            row.isFirst = index == table.header.count
            row.spaceBefore = index == 0 ? max(0, thousandths(table.style.spaceBefore)) : 0
            row.spaceAfter = index == count - 1 ? max(0, thousandths(table.style.spaceAfter)) : 0
            if row.firstLineHeight > flow.sheet.textHeight {
                fault = fault ?? .invalidMeasure("A table's padding is higher than a page. Make it smaller.")
            }
            guard fault == nil else { return }
            if isHeader { header.append(row) }
            if row.isFirst && !header.isEmpty { repeated = TableRow.Header(header) }
            row.header = isHeader ? nil : repeated
            let isLast = index == count - 1
            flow.put(.row(row), keepsWithNext: isLast ? table.style.keepsWithNext : isHeader)
        }
    }

    /// Breaks the cells of a row into lines; what room the row before had is used again.
    private mutating func setCells(
        of row: inout TableRow, to cells: [PDFTable.Cell], of table: PDFTable, isHeader: Bool
    ) {
        let edges = row.look.edges
        while row.cells.count < edges.count - 1 { row.cells.append(Block()) }
        let paddings = (left: thousandths(table.padding.left), right: thousandths(table.padding.right))
        for index in 0..<(edges.count - 1) {
            left = edges[index] + paddings.left
            measure = edges[index + 1] - paddings.right - left
            setCell(index < cells.count ? cells[index] : [], of: table, column: index, isHeader: isHeader)
            swap(&block, &row.cells[index])
        }
        row.measure()
    }

    /// Breaks a cell into the lines of `block`.
    private mutating func setCell(_ cell: PDFTable.Cell, of table: PDFTable, column: Int, isHeader: Bool) {
        var style = table.style
        style.alignment = table.columns[column].alignment
        if isHeader { style.emphasis.formUnion(table.headerEmphasis) }
        (style.leftIndent, style.rightIndent, style.spaceBefore, style.spaceAfter) = (0, 0, 0, 0)
        beginParagraph(style)
        append(cell)
        breakLines()
    }

    /// Where the columns stand; nil, with a fault, where they cannot.
    private mutating func look(of table: PDFTable) -> TableRow.Look? {
        let columns = table.columns.count
        let padding = thousandths(table.padding.left) + thousandths(table.padding.right)
        let lengths = [table.padding.top, table.padding.right, table.padding.bottom, table.padding.left]
        guard columns > 0, table.header.allSatisfy({ $0.count <= columns }),
            table.rows.allSatisfy({ $0.count <= columns })
        else {
            fault = .invalidMeasure("A table has a row of more cells than the \(columns) columns it has.")
            return nil
        }
        guard lengths.allSatisfy({ $0 >= 0 && $0 <= 14_400 }), table.thickness >= 0, table.thickness <= 14_400 else {
            fault = .invalidMeasure("A table's padding or line thickness is below zero or not a number.")
            return nil
        }
        let demands = (0..<columns).map { demand(of: $0, in: table, padding: padding) }
        guard fault == nil, let widths = ColumnWidths.widths(of: demands, in: measure),
            widths.allSatisfy({ $0 >= padding + 1_000 })
        else {
            fault =
                fault
                ?? .invalidMeasure(
                    "A table's columns are wider than the text, or too narrow for their padding. Use fewer columns, "
                        + "shares of the width, or a smaller padding.")
            return nil
        }
        var look = TableRow.Look(
            edges: [left], above: thousandths(table.padding.top), below: thousandths(table.padding.bottom),
            rules: table.rules, thickness: thousandths(table.thickness), color: table.color)
        for width in widths { look.edges.append(look.edges[look.edges.count - 1] + width) }
        return look
    }

    private mutating func demand(of column: Int, in table: PDFTable, padding: Int) -> ColumnWidths.Demand {
        var demand = ColumnWidths.Demand(width: table.columns[column].width)
        guard demand.width == .fitted else { return demand }
        // A column of nothing but empty cells has room for a point all the same.
        demand.natural = max(1_000, width(of: column, in: table, { $0 })) + padding
        if demand.natural > measure / table.columns.count {
            // Each word on a line of its own.
            demand.least =
                padding
                + width(of: column, in: table) { cell in
                    cell.map { PDFTextRun($0.text.replacing(" ", with: "\n"), emphasis: $0.emphasis) }
                }
        } else {
            demand.least = demand.natural
        }
        return demand
    }

    /// The width of the widest line of a column's cells, each as wide as it likes.
    private mutating func width(
        of column: Int, in table: PDFTable, _ change: (PDFTable.Cell) -> PDFTable.Cell
    ) -> Int {
        let outer = measure
        measure = 14_400_000
        defer { measure = outer }
        var width = 0
        for (rows, isHeader) in [(table.header, true), (table.rows, false)] {
            for row in rows where column < row.count {
                setCell(change(row[column]), of: table, column: column, isHeader: isHeader)
                width = max(width, block.naturalWidth)
            }
        }
        return width
    }
}

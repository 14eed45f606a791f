/// Rows of tables on the page.
extension PageFlow {
    mutating func place(_ row: TableRow, mayDivide: Bool) {
        openPage()
        let space = gap(before: row.spaceBefore)
        let room = cursor.position - space - cursor.bottom
        if row.height <= room || !frames.isEmpty || mayDivide || row.isTall(on: textHeight) {
            cursor.position -= space
            if row.height <= room { draw(row) } else { divide(row) }
            return
        }
        if gainsByTurning {
            guard turnPage() else { return }
            placeHeader(of: row)
        }
        draw(row)
    }

    /// Puts a row that is higher than a page onto as many as it takes, divided between lines.
    private mutating func divide(_ row: TableRow) {
        var first = [Int](repeating: 0, count: row.cells.count)
        var mustGetOn = !gainsByTurning
        while true {
            let part = row.part(after: first, in: cursor.position - cursor.bottom, atLeastOneLine: mustGetOn)
            let isWhole = zip(part.end, row.cells).allSatisfy { $0 == $1.lines.count }
            if part.end != first {
                draw(part, of: row, isLast: isWhole)
                first = part.end
            }
            if isWhole { return }
            guard turnPage() else { return }
            placeHeader(of: row)
            mustGetOn = true
        }
    }

    private mutating func placeHeader(of row: TableRow) {
        guard let header = row.header, row.repeatsHeader(on: textHeight) else { return }
        for row in header.rows { draw(row) }
    }

    /// Draws a row and its lines here, and goes on below.
    private mutating func draw(_ row: TableRow) {
        let top = cursor.position
        for cell in row.cells where !cell.isBlank {
            write(cell, lines: 0..<cell.lines.count, top: top - row.look.above)
        }
        drawRules(of: row, top: top, height: row.height, isWhole: true)
        advance(by: row.height, spaceAfter: row.spaceAfter)
    }

    /// Draws a part of a row.
    private mutating func draw(_ part: TableRow.Part, of row: TableRow, isLast: Bool) {
        let top = cursor.position
        for (index, cell) in row.cells.enumerated() where part.first[index] < part.end[index] && !cell.isBlank {
            write(cell, lines: part.first[index]..<part.end[index], top: top - row.look.above)
        }
        drawRules(of: row, top: top, height: part.height, isWhole: isLast)
        advance(by: part.height, spaceAfter: row.spaceAfter)
    }

    private mutating func drawRules(of row: TableRow, top: Int, height: Int, isWhole: Bool) {
        let look = row.look
        guard look.rules != .none, look.thickness > 0, let left = look.edges.first, let right = look.edges.last else {
            return
        }
        setColor(look.color)
        // Lines lie on the edges of cells, so that those of neighbours are one.
        let half = look.thickness / 2
        let width = right - left + look.thickness
        if look.rules == .grid {
            for edge in look.edges {
                fillRectangle(
                    x: edge - half, y: top - height - half, width: look.thickness, height: height + look.thickness)
            }
            fillRectangle(x: left - half, y: top - half, width: width, height: look.thickness)
            fillRectangle(x: left - half, y: top - height - half, width: width, height: look.thickness)
        } else if isWhole {
            let thickness = row.isLastOfHeader ? look.thickness * 2 : look.thickness
            fillRectangle(x: left - half, y: top - height - thickness / 2, width: width, height: thickness)
        }
    }
}

extension Block {
    /// Whether it shows nothing.
    var isBlank: Bool { lines.allSatisfy { $0.start == $0.end } }
}

extension PDFDocument {
    /// Goes on in a rectangle of the current page, until ``endFrame()``: everything that is added fills it, and is left
    /// out of the text around it. Headings and groups that still wait for their page keep waiting.
    ///
    /// Text that does not fit is an error that names the frame; so are a page break in it and a frame that is not on
    /// the page.
    public mutating func beginFrame(_ frame: PDFFrame) {
        let page = properties.page
        let edges = [frame.x, frame.y, page.width - frame.x - frame.width, page.height - frame.y - frame.height]
        // Where millimetres were turned into points, an edge may be off by less than a thousandth.
        if !edges.allSatisfy({ $0 > -0.001 && $0.isFinite }) || !(frame.width >= 1 && frame.height >= 1) {
            fault = fault ?? .invalidMeasure("The frame “\(frame.name)” does not lie on the page, or is empty.")
        }
        columns.append((left, measure))
        left = thousandths(frame.x)
        measure = max(1_000, thousandths(frame.width))
        flow.begin(frame)
    }

    /// Ends the frame begun last; the text goes on where it was left. Without a frame it does nothing.
    public mutating func endFrame() {
        guard let column = columns.popLast() else { return }
        (left, measure) = column
        flow.endFrame()
    }

    /// Begins a group: what is added until ``endGroup()`` stands on one page, unless it is higher than a page.
    ///
    /// Groups may be in one another; then the outermost counts. A page break or ``moveDown(to:)`` parts a group.
    public mutating func beginGroup() { flow.beginGroup() }

    /// Ends the group begun last. Without a group it does nothing.
    public mutating func endGroup() { flow.endGroup() }

    /// Goes down to a distance from the page's upper edge, in points, unless the page is filled further down already;
    /// what comes next begins there.
    public mutating func moveDown(to distance: Double) {
        guard fault == nil else { return }
        flow.moveDown(to: thousandths(distance))
    }

    /// Draws a short horizontal line on the current page, such as a mark where a letter is folded.
    ///
    /// - Parameters:
    ///   - x: from the page's left edge to its beginning, in points.
    ///   - y: from the page's upper edge to it, in points.
    ///   - length: in points.
    ///   - thickness: in points.
    ///   - color: of the line.
    public mutating func addMark(
        x: Double, y: Double, length: Double, thickness: Double = 0.5, color: PDFColor = .grey
    ) {
        let page = properties.page
        if !(x >= 0 && y >= 0 && length >= 0 && thickness >= 0 && x + length <= page.width && y <= page.height) {
            fault = fault ?? .invalidMeasure("A mark at \(x), \(y) points does not lie on the page.")
        }
        guard fault == nil else { return }
        flow.putMark(
            x: thousandths(x), y: thousandths(page.height - y), length: thousandths(length),
            thickness: thousandths(thickness), color: color)
    }
}

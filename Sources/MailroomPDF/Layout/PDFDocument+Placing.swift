extension PDFDocument {
    /// Adds an image.
    ///
    /// Without a width and a height it is as large as its resolution says, or at 96 pixels per inch where its file says
    /// nothing; with one of them, the other is in proportion. One that is wider than the text or higher than a page is
    /// made smaller, in proportion.
    ///
    /// - Parameters:
    ///   - image: the image; it stands in the file once however often it is added.
    ///   - width: in points.
    ///   - height: in points.
    ///   - alignment: where it stands between the margins.
    ///   - spaceBefore: empty above it, in points; of this and the paragraph's before it, the larger counts.
    ///   - spaceAfter: empty below it, in points.
    ///   - link: the address that a click on it opens.
    ///   - keepsWithNext: whether what comes next must stand on the same page, such as its caption.
    public mutating func addImage(
        _ image: PDFImage, width: Double? = nil, height: Double? = nil,
        alignment: PDFParagraphStyle.Alignment = .left, spaceBefore: Double = 8, spaceAfter: Double = 8,
        link: String? = nil, keepsWithNext: Bool = false
    ) {
        guard fault == nil else { return }
        let points = 72 / max(1, image.resolution ?? 96)
        let (across, down) = (Double(image.width), Double(image.height))
        let size =
            switch (width, height) {
            case (let width?, let height?): (width, height)
            case (let width?, nil): (width, width * down / across)
            case (nil, let height?): (height * across / down, height)
            case (nil, nil): (across * points, down * points)
            }
        guard size.0 > 0, size.1 > 0, size.0.isFinite, size.1.isFinite else {
            fault = .invalidMeasure("The width or height of an image is not above zero.")
            return
        }
        // Kept in proportion where it is beyond what a page can have.
        let scale = min(1, 14_400 / max(size.0, size.1))
        var picture = FlowItem.Picture(
            image: image, width: max(1, thousandths(size.0 * scale)), height: max(1, thousandths(size.1 * scale)),
            alignment: alignment, left: left, measure: measure, link: link,
            spaceBefore: max(0, thousandths(spaceBefore)), spaceAfter: max(0, thousandths(spaceAfter)))
        picture.fit(width: measure, height: flow.textHeight)
        flow.put(.picture(picture), keepsWithNext: keepsWithNext)
    }

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

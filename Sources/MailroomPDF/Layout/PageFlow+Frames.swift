/// What stands at a place of its own on the page.
extension PageFlow {
    /// Goes on in a rectangle of the current page, until `endFrame`.
    mutating func begin(_ frame: PDFFrame) {
        openPage()
        frames.append((frame, cursor, held))
        held = Held()
        let top = sheet.height - thousandths(frame.y)
        cursor = Cursor(position: top, top: top, bottom: top - thousandths(frame.height))
        // What stands elsewhere than at the frame's top waits until its height is known.
        if frame.alignment != .top { held.groups = 1 }
    }

    /// Ends a frame and goes on where the page was left.
    mutating func endFrame() {
        guard let (frame, cursor, held) = frames.last else { return }
        if frame.alignment != .top {
            let free = textHeight - Self.height(of: self.held.items, before: nil, on: textHeight)
            if free > 0 { self.cursor.position -= frame.alignment == .bottom ? free : free / 2 }
        }
        placeHeld()
        frames.removeLast()
        self.cursor = cursor
        self.held = held
    }

    /// Goes down to a distance from the page's upper edge, unless the page is filled further down already.
    mutating func moveDown(to distance: Int) {
        placeHeld()
        openPage()
        let target = sheet.height - distance
        guard target < cursor.position - cursor.spaceAfter else { return }
        // Below the page's foot there is no room, and the next item stands on the next page.
        advance(by: cursor.position - max(target, cursor.bottom), spaceAfter: 0)
        cursor.isExact = true
    }

    /// Draws a short horizontal line.
    mutating func putMark(x: Int, y: Int, length: Int, thickness: Int, color: PDFColor) {
        openPage()
        setColor(color)
        fillRectangle(x: x, y: y - thickness / 2, width: length, height: thickness)
    }

    /// Ends the page; the next item begins another.
    mutating func breakPage() {
        placeHeld()
        openPage()
        if frames.isEmpty { closePage() } else { _ = turnPage() }
    }

    /// Ends what is open and places what waits.
    mutating func finishFlow() {
        while !frames.isEmpty { endFrame() }
        held.groups = 0
        placeHeld()
        if pages.isEmpty { openPage() }
    }
}

/// Where things go on the page.
extension PageFlow {
    /// Whether there is more room on the next page than here.
    var gainsByTurning: Bool {
        !cursor.isFresh || !frames.isEmpty || cursor.top - cursor.bottom < sheet.textHeight
    }

    /// How high the room is that an item can have at most, here or on the next page.
    var textHeight: Int { frames.isEmpty ? sheet.textHeight : cursor.top - cursor.bottom }

    /// What stays empty above an item that asks for this much.
    func gap(before space: Int) -> Int { cursor.isExact ? 0 : max(cursor.spaceAfter, space) }

    /// Takes the room of something that was drawn.
    mutating func advance(by height: Int, spaceAfter: Int) {
        cursor.position -= height
        cursor.spaceAfter = spaceAfter
        cursor.isFresh = false
        cursor.isExact = false
    }

    /// Puts an item below what is there, all or its first part on this page if it fits.
    ///
    /// - Parameter mayDivide: whether an item that keeps together may be divided here, because what stands before it
    ///   and must stay with it leaves too little room on any page.
    mutating func place(_ item: FlowItem, mayDivide: Bool = false) {
        switch item {
        case .block(let block): place(block, mayDivide: mayDivide)
        case .rule(let rule): place(rule)
        case .space(let height): leave(height)
        case .row(let row): place(row, mayDivide: mayDivide)
        case .picture(let picture): place(picture, mayShrink: mayDivide)
        }
    }

    mutating func place(_ block: Block, mayDivide: Bool = false) {
        openPage()
        let style = block.style
        let count = block.lines.count
        let isTogether = style.keepsTogether && !mayDivide && block.height(lines: count) <= textHeight
        var first = 0
        while first < count {
            let gap = first == 0 ? gap(before: style.spaceBefore) : 0
            let left = count - first
            let room = max(0, (cursor.position - gap - cursor.bottom) / style.leading)
            var fitting = min(room, left)
            if fitting < left {
                // Neither the first nor the last line of a paragraph stands alone on a page.
                if left - fitting == 1 { fitting -= 1 }
                if fitting < 2 || isTogether { fitting = 0 }
                if fitting <= 0 && gainsByTurning {
                    guard turnPage() else { return }
                    continue
                }
                if fitting <= 0 { fitting = max(1, min(room, left)) }
            }
            cursor.position -= gap
            write(block, lines: first..<(first + fitting), top: cursor.position)
            advance(by: block.height(lines: fitting), spaceAfter: style.spaceAfter)
            first += fitting
            if first < count {
                guard turnPage() else { return }
            }
        }
    }

    private mutating func place(_ rule: FlowItem.Rule) {
        openPage()
        if cursor.position - gap(before: rule.spaceBefore) - rule.thickness < cursor.bottom && gainsByTurning {
            guard turnPage() else { return }
        }
        cursor.position -= gap(before: rule.spaceBefore)
        setColor(rule.color)
        fillRectangle(x: rule.x, y: cursor.position - rule.thickness, width: rule.width, height: rule.thickness)
        advance(by: rule.thickness, spaceAfter: rule.spaceAfter)
    }

    /// - Parameter mayShrink: whether it may be made smaller, down to half, to stay with what stands before it.
    private mutating func place(_ picture: FlowItem.Picture, mayShrink: Bool) {
        openPage()
        var picture = picture
        let room = cursor.position - gap(before: picture.spaceBefore) - cursor.bottom
        if mayShrink && room >= picture.height / 2 { picture.fit(width: picture.measure, height: room) }
        if picture.height > room && gainsByTurning {
            guard turnPage() else { return }
        }
        cursor.position -= gap(before: picture.spaceBefore)
        let free = picture.measure - picture.width
        let isFlush = picture.alignment == .left || picture.alignment == .justified
        let x = picture.left + (isFlush ? 0 : picture.alignment == .right ? free : free / 2)
        let bottom = cursor.position - picture.height
        drawImage(picture.image, x: x, y: bottom, width: picture.width, height: picture.height)
        if let link = picture.link {
            addLink(to: link, left: x, bottom: bottom, right: x + picture.width, top: cursor.position)
        }
        advance(by: picture.height, spaceAfter: picture.spaceAfter)
    }

    /// Leaves a stretch empty; at the foot of a page it ends the page, at that of a frame it ends there.
    private mutating func leave(_ height: Int) {
        openPage()
        advance(by: gap(before: 0) + max(0, height), spaceAfter: 0)
        guard cursor.position < cursor.bottom else { return }
        if frames.isEmpty { closePage() } else { cursor.position = cursor.bottom }
    }
}

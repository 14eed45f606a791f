/// What stays together on a page: headings and what follows them, and groups.
extension PageFlow {
    /// Puts an item, and what must stay with it, below what is there.
    ///
    /// - Parameter keepsWithNext: whether the next item must stand on the same page.
    mutating func put(_ item: FlowItem, keepsWithNext: Bool = false) {
        // A heading is alone even where a line or an empty stretch follows it.
        let keepsWithNext = keepsWithNext || (item.isEmpty && held.items.last?.keepsWithNext == true)
        if held.groups > 0 || keepsWithNext {
            // To make a few smaller costs more than it spares.
            held.items.append((held.items.count < 8 ? item : item.settled, keepsWithNext))
        } else if held.items.isEmpty {
            place(item)
        } else {
            placeHeld(before: item)
        }
    }

    /// Puts a block, without a copy where it need not wait.
    mutating func put(_ block: Block, keepsWithNext: Bool) {
        if held.groups == 0 && !keepsWithNext && held.items.isEmpty {
            place(block)
        } else {
            put(.block(block), keepsWithNext: keepsWithNext)
        }
    }

    /// Begins what stands on one page together.
    mutating func beginGroup() { held.groups += 1 }

    /// Ends a group; of groups in one another the outermost counts.
    mutating func endGroup() {
        guard held.groups > 0 else { return }
        held.groups -= 1
        // A group that ends in a heading stays with what the heading stays with.
        if held.groups == 0 && held.items.last?.keepsWithNext == false { placeHeld() }
    }

    /// Puts what waits, together on a page if it fits on any, and then the first part of an item.
    mutating func placeHeld(before last: FlowItem? = nil) {
        let items = held.items
        let groups = held.groups
        guard !items.isEmpty else { return }
        held = Held()
        openPage()
        let height = Self.height(of: items, before: last, on: textHeight)
        let isTooHigh = height > textHeight
        if isTooHigh && items.contains(where: { !$0.keepsWithNext }) {
            for (item, keepsWithNext) in items { put(item, keepsWithNext: keepsWithNext) }
            if let last { put(last) } else { placeHeld() }
        } else {
            let room = cursor.position - gap(before: items[0].item.spaceBefore) - cursor.bottom
            if height > room && frames.isEmpty && gainsByTurning { _ = turnPage() }
            for (item, _) in items { place(item) }
            if let last { place(last, mayDivide: isTooHigh) }
        }
        held.groups = groups
    }

    /// How much items take from the first one's upper edge to where the last one may be divided first.
    static func height(of items: [Held.Waiting], before last: FlowItem?, on textHeight: Int) -> Int {
        var height = 0
        var space = -1
        for (item, _) in items {
            height += item.height + (space < 0 ? 0 : max(space, item.spaceBefore))
            space = item.spaceAfter
        }
        guard let last else { return height }
        return height + max(space, last.spaceBefore) + last.firstHeight(on: textHeight)
    }
}

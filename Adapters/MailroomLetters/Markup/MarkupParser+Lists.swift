/// A list whose end has not come yet.
struct OpenList {
    /// The column where the text of its last item begins.
    var content: Int
    /// What stands before its items: a bullet, or what follows the numbers.
    var sign: UInt8
    var number: Int?
    /// Its first passage.
    let first: Int
    var isLoose = false
    /// Whether its last item has nothing yet.
    var isEmpty = false
}

/// What stands before an item.
struct ItemMark {
    let sign: UInt8
    let number: Int?
    let end: Int
}

extension MarkupParser {
    /// In how many of the open lists' last items a line of this indentation stands.
    func enclosingLists(at indent: Int) -> Int {
        var enclosing = 0
        while enclosing < lists.count && indent >= lists[enclosing].content { enclosing += 1 }
        return enclosing
    }

    /// Whether a line is indented so far that it is text, whatever it begins with.
    func isIndented(_ indent: Int, in enclosing: Int) -> Bool {
        indent - (enclosing > 0 ? lists[enclosing - 1].content : 0) >= 4
    }

    /// The mark of an item that begins here.
    func itemMark(at start: Int) -> ItemMark? {
        if part?.hasLinesOnly == true { return nil }
        var position = start
        var number: Int?
        switch source[start] {
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"): break
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            var value = 0
            while position < end, position - start < 10, source[position] & 0xF0 == 0x30, source[position] < 0x3A {
                value = value * 10 + Int(source[position] & 15)
                position += 1
            }
            guard position - start < 10, position < end else { return nil }
            guard source[position] == UInt8(ascii: ".") || source[position] == UInt8(ascii: ")") else { return nil }
            number = value
        default: return nil
        }
        let after = position + 1
        guard isLineEnd(after) || source[after] == 0x20 || source[after] == 0x09 else { return nil }
        return ItemMark(sign: source[position], number: number, end: after)
    }

    /// Reads an item's first paragraph, and those of the items that begin on the same line.
    mutating func readItem(_ first: ItemMark, at firstStart: Int, column firstColumn: Int, in enclosing: Int) -> Int {
        var (mark, start, column, enclosing) = (first, firstStart, firstColumn, enclosing)
        while true {
            let text = afterBlanks(mark.end)
            if text < end, source[text] == Self.opening, let next = lineAfterEmptyValues(at: text) { return next }
            guard enclosing < Self.deepestList else {
                report(.deepList, at: start)
                return readParagraph(at: start, in: enclosing)
            }
            let markEnd = column + mark.end - start
            let isBare = isLineEnd(text)
            var content = self.column(of: text, from: mark.end, at: markEnd)
            if isBare || content - markEnd > 4 { content = markEnd + 1 }
            beginItem(mark, content: content, in: enclosing, isEmpty: isBare)
            if isBare { return lineAfter(text) }
            if content - markEnd <= 4, let inner = itemMark(at: text) {
                (mark, start, column, enclosing) = (inner, text, content, enclosing + 1)
                continue
            }
            let found = readText(at: text, mayBeTable: false)
            letter.passages[letter.passages.count - 1].runs = found.runs
            return found.next
        }
    }

    private func column(of position: Int, from start: Int, at column: Int) -> Int {
        var column = column
        for index in start..<position { column += source[index] == 0x09 ? 4 - column % 4 : 1 }
        return column
    }

    private mutating func beginItem(_ mark: ItemMark, content: Int, in enclosing: Int, isEmpty: Bool) {
        closeLists(to: enclosing + 1)
        var isFirst = true
        if enclosing < lists.count && lists[enclosing].sign == mark.sign {
            isFirst = false
            gaps = 0
            lists[enclosing].content = content
            if let number = lists[enclosing].number { lists[enclosing].number = number + 1 }
            if followsBlank { lists[enclosing].isLoose = true }
        } else {
            closeLists(to: enclosing)
            if enclosing > 0 && followsBlank { lists[enclosing - 1].isLoose = true }
            if enclosing > 0 { gaps = 0 }
            appendGaps()
            if enclosing > 0 { lists[enclosing - 1].isEmpty = false }
            lists.append(
                OpenList(content: content, sign: mark.sign, number: mark.number, first: letter.passages.count))
        }
        lists[enclosing].isEmpty = isEmpty
        followsBlank = false
        let item = LetterItem(number: lists[enclosing].number, depth: enclosing + 1, isFirst: isFirst)
        let start = letter.runs.count
        letter.passages.append(LetterPassage(kind: .item(item), part: part, runs: start..<start))
    }

    /// Adds a paragraph to the item being read.
    mutating func appendToItem(_ runs: Range<Int>) {
        let last = lists.count - 1
        gaps = 0
        if lists[last].isEmpty {
            lists[last].isEmpty = false
            letter.passages[letter.passages.count - 1].runs = runs
            return
        }
        let item = LetterItem(number: lists[last].number, depth: last + 1, isContinuation: true)
        letter.passages.append(LetterPassage(kind: .item(item), part: part, runs: runs))
    }

    /// Ends all lists but the outermost ones.
    mutating func closeLists(to remaining: Int) {
        while lists.count > remaining {
            let list = lists.removeLast()
            guard list.isLoose else { continue }
            let depth = lists.count + 1
            for index in list.first..<letter.passages.count {
                guard case .item(var item) = letter.passages[index].kind, item.depth == depth else { continue }
                item.isLoose = true
                letter.passages[index].kind = .item(item)
            }
        }
    }
}

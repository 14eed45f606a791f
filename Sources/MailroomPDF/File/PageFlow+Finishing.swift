/// What is written when all pages are filled.
extension PageFlow {
    /// Of one node of the page tree: an array of PDF 1.4 has 8,191 elements at the most (ISO 19005-1, 6.1.12).
    private static let mostKids = 1_000

    /// Ends the last page, writes running lines and all page objects.
    mutating func finishPages(_ lines: inout RunningLines?) {
        finishFlow()
        let count = pages.count + (isOpen ? 1 : 0)
        // The last page's are part of its content: most letters have one page.
        let isWritten = isOpen
        if isOpen {
            write(&lines, page: count, of: count)
            closePage()
        }
        var shared = 0
        var numbers: [Int] = []
        numbers.reserveCapacity(count)
        let branches = reserveBranches(pages: count)
        for (index, page) in pages.enumerated() {
            var running = 0
            if let constant = lines?.isConstant, !(isWritten && index == count - 1) {
                let isShared = constant && index > 0
                running = isShared && shared > 0 ? shared : stream(of: &lines, page: index + 1, of: count)
                if isShared { shared = running }
            }
            let parent = branches.isEmpty ? Self.pageTree : branches[index / Self.mostKids]
            numbers.append(writePage(page, parent: parent, running: running))
        }
        writePageTree(numbers, branches: branches)
    }

    /// Writes running lines that are content of their own, and gives its number.
    private mutating func stream(of lines: inout RunningLines?, page: Int, of pages: Int) -> Int {
        guard lines?.stands(on: page) == true else { return 0 }
        let number = file.beginStream()
        // It goes on after the page's own content, whose state is not known here.
        state = GraphicsState(wordSpacing: -1, color: PDFColor(red: 1, green: 2, blue: 3))
        write(&lines, page: page, of: pages)
        file.endStream()
        return number
    }

    private mutating func write(_ lines: inout RunningLines?, page: Int, of pages: Int) {
        for index in 0..<(lines?.count ?? 0) {
            guard let top = lines?.set(index, page: page, of: pages), let block = lines?.block else { continue }
            write(block, lines: 0..<block.lines.count, top: top)
        }
    }

    /// As many nodes between the root of the page tree and the pages as are needed.
    private mutating func reserveBranches(pages count: Int) -> [Int] {
        if count <= Self.mostKids { return [] }
        return stride(from: 0, to: count, by: Self.mostKids).map { _ in file.reserveObject() }
    }

    private mutating func writePage(_ page: Page, parent: Int, running: Int) -> Int {
        let number = file.reserveObject()
        file.beginObject(number)
        file.bytes.append("<</Type/Page/Parent ")
        file.bytes.append(decimal: parent)
        file.bytes.append(" 0 R/Contents")
        file.bytes.append(references: running > 0 ? [page.content, running] : [page.content])
        if !page.annotations.isEmpty {
            file.bytes.append("/Annots[")
            file.bytes.append(contentsOf: page.annotations)
            file.bytes.append("]")
        }
        file.bytes.append(">>")
        file.endObject()
        return number
    }

    private mutating func writePageTree(_ numbers: [Int], branches: [Int]) {
        for (index, branch) in branches.enumerated() {
            let first = index * Self.mostKids
            let kids = Array(numbers[first..<min(first + Self.mostKids, numbers.count)])
            file.beginObject(branch)
            file.bytes.append("<</Type/Pages/Parent 2 0 R")
            writeKids(kids, pages: kids.count)
        }
        file.beginObject(Self.pageTree)
        // What all pages have in common they inherit.
        file.bytes.append("<</Type/Pages/Resources 3 0 R/MediaBox[0 0 ")
        file.bytes.append(thousandths: sheet.width)
        file.bytes.append(" ")
        file.bytes.append(thousandths: sheet.height)
        file.bytes.append("]")
        writeKids(branches.isEmpty ? numbers : branches, pages: numbers.count)
    }

    private mutating func writeKids(_ kids: [Int], pages count: Int) {
        file.bytes.append("/Count ")
        file.bytes.append(decimal: count)
        file.bytes.append("/Kids")
        file.bytes.append(references: kids)
        file.bytes.append(">>")
        file.endObject()
    }
}

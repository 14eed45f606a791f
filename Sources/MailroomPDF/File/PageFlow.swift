/// Puts blocks onto pages, one below the other, and writes each page's content as it goes.
struct PageFlow {
    static let catalog = 1
    static let pageTree = 2
    static let resources = 3
    static let properties = 4

    /// A page whose content is written, up to the page object itself.
    private struct Page {
        var content: Int
        var annotations: [UInt8]
    }

    /// What the viewer's graphics state holds; every page begins with the defaults.
    struct GraphicsState {
        var face: FontFace?
        /// The face's place in `usedFaces`.
        var faceIndex = 0
        var size = 0
        var leading = 0
        var wordSpacing = 0
        var color = PDFColor.black
    }

    var file: ObjectFile
    var state = GraphicsState()
    /// The faces of the document in the order of their first use, by which they are named.
    var usedFaces: [UsedFace] = []
    /// Where a piece of text is put together.
    var scratch: [UInt8] = []
    /// The annotations of the page being written, as they stand in its `/Annots`.
    var annotations: [UInt8] = []
    /// Lines below links, drawn when the block's text is: x, y and width.
    var underlines: [(x: Int, y: Int, width: Int)] = []

    private let top: Int
    private let bottom: Int
    private var pages: [Page] = []
    private var content = 0
    private var isOpen = false
    /// Where the next line's top is, in thousandths of a point from the page's bottom edge.
    private var position = 0
    private var isFresh = true
    private var spaceAfter = 0
    private var waiting: [Block] = []

    init(top: Int, bottom: Int, compressor: PDFCompressor?) {
        self.top = top
        self.bottom = bottom
        file = ObjectFile(fixedObjects: 4, compressor: compressor)
    }

    /// Takes a block that must stay with the next.
    mutating func hold(_ block: Block) { waiting.append(block) }

    /// Puts a block, and those that wait for it, below what is there.
    mutating func put(_ block: Block) {
        if !waiting.isEmpty { putWaiting(before: block) }
        place(block)
    }

    private mutating func putWaiting(before block: Block?) {
        let headings = waiting
        waiting.removeAll()
        var needed = 0
        var space = spaceAfter
        for heading in headings {
            needed += max(space, heading.style.spaceBefore) + heading.height(lines: heading.lines.count)
            space = heading.style.spaceAfter
        }
        if let block {
            let lines = block.style.keepsTogether ? block.lines.count : min(2, block.lines.count)
            needed += max(space, block.style.spaceBefore) + block.height(lines: lines)
        }
        if isOpen && !isFresh && needed > position - bottom { closePage() }
        for heading in headings { place(heading) }
    }

    private mutating func place(_ block: Block) {
        openPage()
        let style = block.style
        var first = 0
        var gap = isFresh ? 0 : max(spaceAfter, style.spaceBefore)
        while first < block.lines.count {
            let left = block.lines.count - first
            let room = max(0, (position - gap - bottom) / style.leading)
            var fitting = min(room, left)
            if fitting < left {
                // Neither the first nor the last line of a paragraph stands alone on a page.
                if left - fitting == 1 { fitting -= 1 }
                if fitting < 2 || (style.keepsTogether && !isFresh) { fitting = 0 }
                if fitting <= 0 && isFresh { fitting = max(1, min(room, left)) }
                if fitting <= 0 {
                    closePage()
                    openPage()
                    gap = 0
                    continue
                }
            }
            position -= gap
            write(block, lines: first..<(first + fitting), top: position)
            position -= fitting * style.leading
            isFresh = false
            first += fitting
            gap = 0
            if first < block.lines.count {
                closePage()
                openPage()
            }
        }
        spaceAfter = style.spaceAfter
    }

    /// Draws a horizontal line below what is there.
    mutating func putRule(
        x: Int, width: Int, thickness: Int, color: PDFColor, spaceBefore: Int, spaceAfter: Int
    ) {
        if !waiting.isEmpty { putWaiting(before: nil) }
        openPage()
        let gap = max(self.spaceAfter, spaceBefore)
        if position - gap - thickness < bottom && !isFresh {
            closePage()
            openPage()
        }
        position -= (isFresh ? 0 : gap) + thickness
        setColor(color)
        fillRectangle(x: x, y: position, width: width, height: thickness)
        isFresh = false
        self.spaceAfter = spaceAfter
    }

    /// Leaves a stretch empty; at the foot of a page it ends the page.
    mutating func putSpace(_ height: Int) {
        if !waiting.isEmpty { putWaiting(before: nil) }
        openPage()
        position -= max(0, height) + (isFresh ? 0 : spaceAfter)
        spaceAfter = 0
        isFresh = false
        if position < bottom { closePage() }
    }

    /// Ends the page; the next block begins another.
    mutating func breakPage() {
        if !waiting.isEmpty { putWaiting(before: nil) }
        openPage()
        closePage()
    }

    private mutating func openPage() {
        guard !isOpen else { return }
        content = file.beginStream()
        state = GraphicsState()
        position = top
        isOpen = true
        isFresh = true
        spaceAfter = 0
    }

    private mutating func closePage() {
        file.endStream()
        pages.append(Page(content: content, annotations: annotations))
        annotations.removeAll()
        isOpen = false
    }

    /// Ends the last page, writes footers and all page objects, and gives the number of pages.
    mutating func finishPages(width: Int, height: Int, footer: (_ page: Int, _ pages: Int) -> Block?) {
        if !waiting.isEmpty { putWaiting(before: nil) }
        if pages.isEmpty { openPage() }
        if isOpen { closePage() }
        var numbers: [Int] = []
        for (index, page) in pages.enumerated() {
            var footing = 0
            if let block = footer(index + 1, pages.count) {
                footing = file.beginStream()
                state = GraphicsState(wordSpacing: -1, color: PDFColor(red: 1, green: 2, blue: 3))
                write(block, lines: 0..<block.lines.count, top: bottom / 2 + block.style.leading / 2)
                file.endStream()
            }
            let number = file.reserveObject()
            numbers.append(number)
            file.beginObject(number)
            file.bytes.append("<</Type/Page/Parent 2 0 R/Resources 3 0 R/MediaBox[0 0 ")
            file.bytes.append(thousandths: width)
            file.bytes.append(" ")
            file.bytes.append(thousandths: height)
            file.bytes.append("]/Contents[")
            for stream in [page.content, footing] where stream > 0 {
                file.bytes.append(decimal: stream)
                file.bytes.append(" 0 R ")
            }
            file.bytes.append("]")
            if !page.annotations.isEmpty {
                file.bytes.append("/Annots[")
                file.bytes.append(contentsOf: page.annotations)
                file.bytes.append("]")
            }
            file.bytes.append(">>")
            file.endObject()
        }
        file.beginObject(Self.pageTree)
        file.bytes.append("<</Type/Pages/Count ")
        file.bytes.append(decimal: numbers.count)
        file.bytes.append("/Kids[")
        for number in numbers {
            file.bytes.append(decimal: number)
            file.bytes.append(" 0 R ")
        }
        file.bytes.append("]>>")
        file.endObject()
    }
}

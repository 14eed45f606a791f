/// Puts blocks onto pages, one below the other, and writes each page's content as it goes.
struct PageFlow {
    static let catalog = 1
    static let pageTree = 2
    static let resources = 3
    static let properties = 4

    /// A page whose content is written, up to the page object itself.
    struct Page {
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

    /// Where the next line goes, in thousandths of a point from the page's lower edge.
    struct Cursor {
        var position = 0
        var top = 0
        var bottom = 0
        /// Whether nothing of the flow stands on the page.
        var isFresh = true
        /// Whether the next item stands right here, whatever space it would have before it.
        var isExact = true
        var spaceAfter = 0
    }

    /// What is put off until it is known on which page it stands.
    struct Held {
        typealias Waiting = (item: FlowItem, keepsWithNext: Bool)

        var items: [Waiting] = []
        /// How many groups are open.
        var groups = 0
    }

    var file: ObjectFile
    var state = GraphicsState()
    /// The faces of the document in the order of their first use, by which they are named.
    var usedFaces: [UsedFace] = []
    /// Where a piece of text is put together.
    var scratch: [UInt8] = []
    var images = PageImages()
    /// The annotations of the page being written, as they stand in its `/Annots`.
    var annotations: [UInt8] = []
    /// Lines below links, drawn when the block's text is: x, y and width.
    var underlines: [(x: Int, y: Int, width: Int)] = []

    let sheet: Sheet
    var cursor = Cursor()
    var held = Held()
    /// The frame being filled, and what goes on when it ends.
    var frames: [(frame: PDFFrame, cursor: Cursor, held: Held)] = []
    private(set) var pages: [Page] = []
    private var content = 0
    private(set) var isOpen = false
    /// The first frame whose content does not fit.
    var overflow: PDFError?

    init(_ sheet: Sheet, compressor: PDFCompressor?, conformance: PDFConformance?) {
        self.sheet = sheet
        // PDF/A-1 stands on PDF 1.4, which has no object streams.
        file = ObjectFile(
            fixedObjects: 4, compressor: compressor, packsObjects: compressor != nil && conformance != .pdfA1b)
    }

    /// Begins a page, unless one has begun.
    mutating func openPage() {
        guard !isOpen else { return }
        content = file.beginStream()
        state = GraphicsState()
        let top = pages.isEmpty ? sheet.firstTop : sheet.top
        cursor = Cursor(position: top, top: top, bottom: pages.isEmpty ? sheet.firstBottom : sheet.bottom)
        isOpen = true
    }

    mutating func closePage() {
        file.endStream()
        pages.append(Page(content: content, annotations: annotations))
        annotations.removeAll()
        isOpen = false
    }

    /// Goes on at the top of the next page. In a frame there is none: then it answers false, and what is being put
    /// is left out.
    mutating func turnPage() -> Bool {
        if let frame = frames.last?.frame {
            overflow = overflow ?? .frameOverflow(frame)
            return false
        }
        closePage()
        openPage()
        return true
    }
}

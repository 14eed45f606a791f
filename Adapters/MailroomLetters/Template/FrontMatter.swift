/// What a template's first lines say.
struct FrontMatter: Sendable {
    /// A text and where it stands.
    struct Line: Sendable, Hashable {
        let text: String
        let number: Int
    }

    enum Page: String, Sendable, CaseIterable { case a4, letter }
    enum Alignment: String, Sendable, CaseIterable { case left, justified }
    enum Conformance: String, Sendable, CaseIterable {
        case pdfA1b = "1b"
        case pdfA2b = "2b"
    }
    enum Subset: String, Sendable, CaseIterable { case shared, exact }
    enum Answer: String, Sendable, CaseIterable { case yes, no }

    /// The fonts as they are named, each with its line.
    struct Fonts: Sendable {
        var regular: (choice: FontChoice, line: Int) = (.helvetica, 1)
        var bold: Line?
        var italic: Line?
        var boldItalic: Line?
        var fallbacks: [(choice: FontChoice, line: Int)] = []
    }

    var name: String?
    var subject: Line?
    var from: String?
    var language: String?
    var title: Line?
    var attachment: Line?
    var header: Line?
    var footer: Line?
    var page = Page.a4
    var format = LetterFormat.Name.plain
    /// The partial that is the letterhead.
    var letterhead: Line?
    var fonts = Fonts()
    var alignment = Alignment.left
    /// Red, green and blue.
    var color: [UInt8] = [0x1F, 0x3A, 0x5F]
    /// The line that asks for compression; nil if none does.
    var compressionLine: Int?
    var conformance: Conformance?
    var hasKerning = true
    var subset = Subset.shared
}

extension FrontMatter.Fonts {
    /// The files of other faces than the regular one.
    var faces: [FrontMatter.Line] { [bold, italic, boldItalic].compactMap(\.self) }

    /// The families that HTML names: mails cannot bring fonts along.
    var css: String {
        switch regular.choice {
        case .times: "Georgia,'Times New Roman',serif"
        case .courier: "'Courier New',Courier,monospace"
        case .helvetica, .symbol, .dingbats, .file: "Helvetica,Arial,sans-serif"
        }
    }
}

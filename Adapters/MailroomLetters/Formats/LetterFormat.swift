import MailroomPDF

/// Where a letter's parts stand on its first page, so that a window envelope shows the address.
///
/// Lengths are points, measured from the sheet's top left corner.
struct LetterFormat: Sendable {
    enum Name: String, Sendable, CaseIterable {
        case plain
        case din5008B = "din-5008-b"
        case nfZ11001 = "nf-z-11-001"
        case usLetter = "us-letter"

        /// The sheet it is made for; nil for any.
        var page: FrontMatter.Page? {
            switch self {
            case .plain: nil
            case .din5008B, .nfZ11001: .a4
            case .usLetter: .letter
            }
        }

        var format: LetterFormat {
            switch self {
            case .plain: .plain
            case .din5008B: .din5008B
            case .nfZ11001: .nfZ11001
            case .usLetter: .usLetter
            }
        }
    }

    /// A rectangle of the first page and the parts it holds.
    struct Area: Sendable {
        let name: String
        let parts: [LetterPart]
        let frame: PDFFrame
        /// The size of its type; nil for that of the text.
        var size: Double?
        /// From baseline to baseline; nil as the text has it.
        var leading: Double?
    }

    /// A mark at the sheet's left edge.
    struct Mark: Sendable {
        let y: Double
        let length: Double
    }

    /// Those of the pages after the first, too.
    let margins: PDFMargins
    let areas: [Area]
    /// Where the text begins on the first page; nil for at the margin.
    let bodyTop: Double?
    let marks: [Mark]
    /// How far from the left margin the date stands where no area holds it; nil for at the right margin.
    let dateIndent: Double?
    /// On which side the address and the signature stand where no area holds them, and in text and HTML.
    var placement = LetterPlacement()

    /// Where marks begin, from the sheet's left edge: what a printer can still reach.
    static let markLeft = millimetres(4)

    static func millimetres(_ length: Double) -> Double { length * 72 / 25.4 }

    static func inches(_ length: Double) -> Double { length * 72 }

    private static func area(
        _ name: String, _ parts: [LetterPart], x: Double, y: Double, width: Double, height: Double,
        unit: (Double) -> Double, size: Double? = nil, leading: Double? = nil
    ) -> Area {
        Area(
            name: name, parts: parts,
            frame: PDFFrame(name: name, x: unit(x), y: unit(y), width: unit(width), height: unit(height)),
            size: size, leading: leading)
    }
}

extension LetterFormat {
    /// No window: every part stands where it is written.
    static let plain = LetterFormat(margins: .letter, areas: [], bodyTop: nil, marks: [], dateIndent: nil)

    /// DIN 5008, form B: a letterhead of 45 mm; the address field of 85 mm by 45 mm at 45 mm from the top and 20 mm from
    /// the left, in it a return line of 5 mm, notes of 12.7 mm and the address of 27.3 mm, all text 5 mm further right;
    /// the information block of 75 mm at 125 mm from the left and 50 mm from the top; the text two lines (8.46 mm) below
    /// the field, between margins of 25 mm and 20 mm; folds at 105 mm and 210 mm, the hole at 148.5 mm.
    static let din5008B = LetterFormat(
        margins: PDFMargins(
            top: millimetres(25), right: millimetres(20), bottom: millimetres(25), left: millimetres(25)),
        areas: [
            area("letterhead", [.letterhead], x: 25, y: 10, width: 165, height: 34, unit: millimetres),
            area(
                "return line", [.sender], x: 25, y: 45, width: 80, height: 5, unit: millimetres, size: 7, leading: 8.1),
            area(
                "address", [.address], x: 25, y: 62.7, width: 80, height: 27.3, unit: millimetres, size: 10.5,
                leading: 12.8),
            area(
                "information block", [.reference, .date], x: 125, y: 50, width: 75, height: 45, unit: millimetres,
                size: 10, leading: 12.8),
        ],
        bodyTop: millimetres(98.46),
        marks: [
            Mark(y: millimetres(105), length: millimetres(4)), Mark(y: millimetres(148.5), length: millimetres(7)),
            Mark(y: millimetres(210), length: millimetres(4)),
        ],
        dateIndent: nil, placement: LetterPlacement(isAddressRight: false, isSignatureRight: false))

    /// NF Z 11-001, for an envelope DL (220 mm by 110 mm) with a window of 100 mm by 45 mm, 20 mm from its right and lower
    /// edges, and a sheet folded in three (99 mm).
    ///
    /// The folded sheet has 10 mm of play from left to right and 11 mm up and down. What always shows is from 100 mm to
    /// 190 mm from the sheet's left and from 45 mm to 79 mm from its top: there stands the address. What may show is from
    /// 90 mm to 200 mm and from 34 mm to 90 mm: nothing else stands there.
    static let nfZ11001 = LetterFormat(
        margins: PDFMargins(
            top: millimetres(20), right: millimetres(20), bottom: millimetres(20), left: millimetres(20)),
        areas: [
            area("letterhead", [.letterhead], x: 20, y: 10, width: 170, height: 24, unit: millimetres),
            area("sender", [.sender], x: 20, y: 36, width: 68, height: 54, unit: millimetres, size: 10, leading: 13),
            area(
                "address", [.address], x: 105, y: 46, width: 85, height: 33, unit: millimetres, size: 11, leading: 13.4),
        ],
        bodyTop: millimetres(94),
        marks: [
            Mark(y: millimetres(99), length: millimetres(4)), Mark(y: millimetres(198), length: millimetres(4)),
        ],
        dateIndent: millimetres(85))

    /// US Letter for an envelope #10 (9 1/2 in by 4 1/8 in) with a window of 4 1/2 in by 1 1/8 in, 7/8 in from its left
    /// and 1/2 in from its lower edge, and a sheet folded in three (3 2/3 in).
    ///
    /// The folded sheet stands on the envelope's lower edge: the window shows from 2.04 in to 3.17 in from the sheet's
    /// top. From left to right it has 1 in of play: what always shows is from 7/8 in to 4 3/8 in from its left. The
    /// address keeps 1/8 in from the window's edges, as the postal service asks.
    static let usLetter = LetterFormat(
        margins: PDFMargins(top: 72, right: 72, bottom: 72, left: 72),
        areas: [
            area(
                "letterhead", [.letterhead, .sender], x: 1, y: 0.5, width: 6.5, height: 1.45, unit: inches, size: 10,
                leading: 13),
            area(
                "address", [.address], x: 1, y: 2.165, width: 3.375, height: 0.88, unit: inches, size: 10.5,
                leading: 12.6),
        ],
        bodyTop: inches(3.5),
        marks: [
            Mark(y: inches(11.0 / 3), length: inches(0.15)), Mark(y: inches(22.0 / 3), length: inches(0.15)),
        ],
        dateIndent: 0, placement: LetterPlacement(isAddressRight: false, isSignatureRight: false))
}

/// A page's size and the part of it that text fills, in thousandths of a point from the page's lower left corner.
struct Sheet {
    var width = 0
    var height = 0
    var left = 0
    var measure = 0
    var top = 0
    var bottom = 0
    var firstTop = 0
    var firstBottom = 0

    init(_ properties: PDFProperties) {
        let (page, margins) = (properties.page, properties.margins)
        width = thousandths(page.width)
        height = thousandths(page.height)
        left = thousandths(margins.left)
        measure = width - left - thousandths(margins.right)
        top = height - thousandths(margins.top)
        bottom = thousandths(margins.bottom)
        firstTop = height - thousandths(properties.firstPageTop ?? margins.top)
        firstBottom = thousandths(properties.firstPageBottom ?? margins.bottom)
    }

    /// What is wrong with the sizes, if anything.
    static func fault(of properties: PDFProperties) -> PDFError? {
        let (page, margins) = (properties.page, properties.margins)
        let lengths = [
            page.width, page.height, margins.top, margins.right, margins.bottom, margins.left,
            properties.firstPageTop ?? 0, properties.firstPageBottom ?? 0,
        ]
        let sheet = Sheet(properties)
        let isRoomy = min(sheet.measure, sheet.top - sheet.bottom, sheet.firstTop - sheet.firstBottom) >= 1_000
        if isRoomy && lengths.allSatisfy({ $0 >= 0 && $0 <= 14_400 }) { return nil }
        return .invalidMeasure("The margins leave no room for text on the page, or a size is not a number.")
    }

    /// How high the text of a page may be, other than the first.
    var textHeight: Int { top - bottom }
}

/// A length in whole thousandths of a point; what is no number, or beyond any page, counts as nothing.
func thousandths(_ points: Double) -> Int { abs(points) <= 100_000 ? Int((points * 1_000).rounded()) : 0 }

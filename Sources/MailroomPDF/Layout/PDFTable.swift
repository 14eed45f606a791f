/// Rows of cells in columns, which go on over pages.
///
///     var table = PDFTable(columns: [PDFTableColumn(.share(1)), PDFTableColumn(.fitted, alignment: .right)])
///     table.addHeader("Work", "Hours")
///     table.addRow("Sorting books", "12")
///
/// The rows of its header stand again at the top of every page. A row is not divided unless it is higher than a page;
/// then it goes on between lines.
public struct PDFTable: Sendable, Hashable {
    /// What a cell says, in pieces of one look each; a line feed in them breaks the line.
    public typealias Cell = [PDFTextRun]

    /// The lines drawn around cells.
    public enum Rules: Sendable, Hashable {
        /// None.
        case none
        /// One below every row, twice as thick below the header.
        case rows
        /// One at each side of every cell.
        case grid
    }

    /// The columns, from left to right.
    public var columns: [PDFTableColumn]
    /// The rows that stand at the top of every page.
    public var header: [[Cell]] = []
    /// The rows below the header. A row with fewer cells than columns ends in empty ones; one with more is an error.
    public var rows: [[Cell]] = []
    /// How cells are set: alignments are the columns', the spaces before and after and the indents are the table's.
    public var style = PDFParagraphStyle.body
    /// What is added to the emphasis of the header.
    public var headerEmphasis = PDFEmphasis.bold
    /// The lines drawn.
    public var rules = Rules.rows
    /// How thick lines are, in points. They take no room from the text.
    public var thickness = 0.5
    /// The colour of lines.
    public var color = PDFColor.grey
    /// What stays empty between a cell's edges and its text.
    public var padding = PDFMargins(top: 3, right: 5, bottom: 3, left: 5)

    /// Makes a table without rows.
    public init(columns: [PDFTableColumn]) { self.columns = columns }

    /// Adds a row to the header.
    public mutating func addHeader(_ cells: String...) { header.append(cells.map { [PDFTextRun($0)] }) }

    /// Adds a row.
    public mutating func addRow(_ cells: String...) { rows.append(cells.map { [PDFTextRun($0)] }) }
}

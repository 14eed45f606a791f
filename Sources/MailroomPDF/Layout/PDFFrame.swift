/// A rectangle at a fixed place of the current page, such as the window of an envelope. Lengths are points.
public struct PDFFrame: Sendable, Hashable {
    /// Where the content stands that leaves some of the frame empty.
    public enum Alignment: Sendable, Hashable {
        /// At the frame's upper edge.
        case top
        /// As far from the upper edge as from the lower.
        case middle
        /// At the frame's lower edge.
        case bottom
    }

    /// What an error calls it.
    public var name: String
    /// From the page's left edge to the frame's.
    public var x: Double
    /// From the page's upper edge to the frame's.
    public var y: Double
    /// How wide its lines may be.
    public var width: Double
    /// How high its content may be.
    public var height: Double
    /// Where its content stands.
    public var alignment: Alignment

    /// Makes a frame.
    public init(name: String, x: Double, y: Double, width: Double, height: Double, alignment: Alignment = .top) {
        self.name = name
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.alignment = alignment
    }
}

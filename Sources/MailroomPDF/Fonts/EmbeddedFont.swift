/// What the text engine asks of a font that is embedded.
protocol EmbeddedFont: AnyObject, Sendable {
    var name: String { get }
    /// By code, in thousandths of the type size.
    var advances: [UInt16] { get }
    /// Of the codes below 256 with each other.
    var kerning: KerningTable? { get }
    /// The code of a character; 0 where the font lacks it.
    func code(of scalar: UInt32) -> UInt16
    /// What is added to the advance of the first of two codes, of which one at least is above 255.
    func kern(_ first: UInt16, _ second: UInt16) -> Int
    /// Writes the font with the codes used, and gives the number of its object.
    func write(into file: inout ObjectFile, used: CodeSet) -> Int
}

/// A colour as screens mix it (sRGB).
public struct PDFColor: Sendable, Hashable {
    /// The part of red, 0 to 255.
    public var red: UInt8
    /// The part of green, 0 to 255.
    public var green: UInt8
    /// The part of blue, 0 to 255.
    public var blue: UInt8

    /// Makes a colour from its parts.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Black.
    public static let black = PDFColor(red: 0, green: 0, blue: 0)
    /// A grey that still reads well in small type.
    public static let grey = PDFColor(red: 96, green: 96, blue: 96)
    /// The blue that links are set in.
    public static let link = PDFColor(red: 20, green: 80, blue: 160)
}

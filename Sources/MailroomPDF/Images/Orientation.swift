/// How a stored picture is turned to be looked at; the numbers are those of the Exif tag 0x0112.
enum Orientation: Int, Sendable {
    case upright = 1
    case mirrored, upsideDown, flipped, transposed, turnedRight, transversed, turnedLeft

    /// That width and height change places.
    var isSideways: Bool { rawValue >= 5 }

    /// The matrix that draws the unit square of the picture into a rectangle: a, b, c, d, e and f of ISO 32000-1,
    /// 8.3.3, in thousandths of a point.
    func matrix(x: Int, y: Int, width: Int, height: Int) -> [Int] {
        switch self {
        case .upright: [width, 0, 0, height, x, y]
        case .mirrored: [-width, 0, 0, height, x + width, y]
        case .upsideDown: [-width, 0, 0, -height, x + width, y + height]
        case .flipped: [width, 0, 0, -height, x, y + height]
        case .transposed: [0, -height, -width, 0, x + width, y + height]
        case .turnedRight: [0, -height, width, 0, x, y + height]
        case .transversed: [0, height, width, 0, x, y]
        case .turnedLeft: [0, height, -width, 0, x + width, y]
        }
    }
}

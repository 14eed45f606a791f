/// A profile of the colour space sRGB (IEC 61966-2-1) in the format ICC.1:2001-04, as small as its readers allow.
enum ColorProfile {
    static let sRGB: [UInt8] = {
        let tags: [(signature: StaticString, content: [UInt8])] = [
            ("desc", description), ("cprt", text), ("wtpt", whitePoint),
            ("rXYZ", point(28_576, 14_581, 912)), ("gXYZ", point(25_239, 46_983, 6_361)),
            ("bXYZ", point(9_375, 3_972, 46_788)), ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
        ]
        var table: [UInt8] = number(tags.count)
        var content: [UInt8] = []
        var start = 0
        for tag in tags {
            // The three curves are one.
            if content.suffix(tag.content.count) != tag.content[...] {
                start = 128 + 4 + 12 * tags.count + content.count
                content += tag.content
            }
            table.append(tag.signature)
            table += number(start) + number(tag.content.count)
        }
        return header(size: 128 + table.count + content.count) + table + content
    }()

    private static func header(size: Int) -> [UInt8] {
        var bytes = number(size) + number(0) + number(0x0210_0000)
        bytes.append("mntrRGB XYZ ")
        // Made on the first day of 2000: a profile that is always the same has no other date.
        for part in [2_000, 1, 1, 0, 0, 0] { bytes += [UInt8(part >> 8), UInt8(part & 255)] }
        bytes.append("acsp")
        bytes += [UInt8](repeating: 0, count: 28) + whitePoint[8...]
        return bytes + [UInt8](repeating: 0, count: 128 - bytes.count)
    }

    private static let description: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.append("desc")
        bytes += number(0) + number(5)
        bytes.append("sRGB\u{0}")
        // Neither a Unicode nor a Macintosh name; padded to whole words.
        return bytes + [UInt8](repeating: 0, count: 4 + 4 + 2 + 1 + 67 + 1)
    }()

    private static let text: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.append("text\u{0}\u{0}\u{0}\u{0}No copyright\u{0}\u{0}\u{0}\u{0}")
        return bytes
    }()

    /// The white of the profile connection space, D50.
    private static let whitePoint = point(63_190, 65_536, 54_061)

    /// A colour in 65,536ths of X, Y and Z. Those of red, green and blue are ITU-R BT.709's, seen under D50: brought
    /// there from D65 by Bradford's matrix, the last digit chosen so that they add up to white.
    private static func point(_ x: Int, _ y: Int, _ z: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("XYZ ")
        return bytes + number(0) + number(x) + number(y) + number(z)
    }

    /// How light a value is, at 256 values (IEC 61966-2-1, 5.2).
    private static let curve: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.append("curv")
        bytes += number(0) + number(256)
        for value in 0..<256 {
            let share = Double(value) / 255
            let light = share <= 0.04045 ? share / 12.92 : power2Point4(of: (share + 0.055) / 1.055)
            let step = Int((light * 65_535).rounded())
            bytes += [UInt8(step >> 8), UInt8(step & 255)]
        }
        return bytes
    }()

    /// The twelfth power of the fifth root, by Newton's method: the same digits on every machine.
    private static func power2Point4(of number: Double) -> Double {
        var root = 1.0
        for _ in 0..<40 { root = (4 * root + number / (root * root * root * root)) / 5 }
        let square = root * root
        let fourth = square * square
        return fourth * fourth * fourth
    }

    private static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// The first directory of what a camera says of a picture: the TIFF structure in a JPEG's Exif segment. What is
/// broken there counts as not said; the picture does not need it.
struct ExifDirectory {
    private(set) var orientation: Orientation?
    /// Dots per inch.
    private(set) var resolution: Double?

    private let bytes: [UInt8]
    private let isLittleEndian: Bool

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isLittleEndian = bytes.first == UInt8(ascii: "I")
        guard bytes.count >= 8, bytes[0] == bytes[1], isLittleEndian || bytes[0] == UInt8(ascii: "M"),
            number16(2) == 42, let start = number32(4), let count = number16(start)
        else { return }
        var (x, y): (Double?, Double?)
        var isMetric = false
        for place in (0..<count).map({ start + 2 + 12 * $0 }) {
            guard let tag = number16(place) else { return }
            switch tag {
            case 0x0112: orientation = number16(place + 8).flatMap(Orientation.init)
            case 0x011A: x = ratio(place + 8)
            case 0x011B: y = ratio(place + 8)
            case 0x0128: isMetric = number16(place + 8) == 3
            default: break
            }
        }
        if let x, x == y { resolution = isMetric ? x * 2.54 : x }
    }

    private func number16(_ offset: Int) -> Int? {
        bytes.number16(at: offset).map { isLittleEndian ? Int(UInt16($0).byteSwapped) : $0 }
    }

    private func number32(_ offset: Int) -> Int? {
        bytes.number32(at: offset).map { isLittleEndian ? Int(UInt32($0).byteSwapped) : $0 }
    }

    private func ratio(_ place: Int) -> Double? {
        guard let offset = number32(place), let above = number32(offset), let below = number32(offset + 4),
            above > 0, below > 0
        else { return nil }
        return Double(above) / Double(below)
    }
}

/// An image as it is written into a document.
struct Picture: Sendable {
    enum Colors: Sendable, Hashable {
        case grey, rgb, cmyk
        /// Numbers of colours; the table has three bytes for each.
        case palette([UInt8])

        var components: Int {
            switch self {
            case .grey, .palette: 1
            case .rgb: 3
            case .cmyk: 4
            }
        }
    }

    /// The values of the picture's dots, row by row.
    enum Content: Sendable {
        /// As they came, with the entries that name the filter.
        case encoded([UInt8], entries: [UInt8])
        case rows(PictureRows)
    }

    /// The size of the stored picture, in dots, before it is turned.
    var width: Int
    var height: Int
    var depth = 8
    var colors: Colors
    var content: Content
    /// How much of each dot is seen, 0 to 255, where some are not seen wholly.
    var alpha: PictureRows?
    /// The dots of these values are not seen: lowest and highest of each component.
    var colorKey: [Int] = []
    /// That the values count from full to none, as some programs store CMYK.
    var isInverted = false
    var orientation = Orientation.upright
    /// Dots per inch, where the file says.
    var resolution: Double?
}

/// Rows of bytes, with the filter for each that makes them easy to compress (ISO 15948, clause 9).
struct PictureRows: Sendable {
    var bytes: [UInt8]
    var rowLength: Int
    /// How many bytes lie between a byte and its left neighbour.
    var step: Int
    /// The filter of each row, 0 to 4.
    var filters: [UInt8]

    /// The rows, filtered, each after the number of its filter.
    func filtered() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + filters.count)
        for (row, filter) in filters.enumerated() {
            output.append(filter)
            let start = row * rowLength
            for place in start..<(start + rowLength) {
                let left = place - start >= step ? bytes[place - step] : 0
                let above = row > 0 ? bytes[place - rowLength] : 0
                let corner = row > 0 && place - start >= step ? bytes[place - rowLength - step] : 0
                output.append(
                    bytes[place] &- Self.prediction(filter, left: left, above: above, corner: corner))
            }
        }
        return output
    }

    /// What a filter takes a byte to be, from its neighbours.
    @inline(__always)
    static func prediction(_ filter: UInt8, left: UInt8, above: UInt8, corner: UInt8) -> UInt8 {
        switch filter {
        case 1: left
        case 2: above
        case 3: UInt8((Int(left) + Int(above)) / 2)
        case 4: nearest(left, above, corner)
        default: 0
        }
    }

    @inline(__always)
    private static func nearest(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let toLeft = abs(Int(above) - Int(corner))
        let toAbove = abs(Int(left) - Int(corner))
        let toCorner = abs(Int(left) + Int(above) - 2 * Int(corner))
        if toLeft <= toAbove && toLeft <= toCorner { return left }
        return toAbove <= toCorner ? above : corner
    }
}

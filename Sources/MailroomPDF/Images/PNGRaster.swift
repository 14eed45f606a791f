/// The pixels of a PNG file, without their filters and in the order of the picture (ISO 15948, clauses 7 to 9).
struct PNGRaster {
    private(set) var rows: PictureRows
    private let bitsPerPixel: Int

    /// One of the reduced pictures that an interlaced picture is sent as; a plain picture is a single one.
    private struct Pass {
        let x: Int, y: Int, stepX: Int, stepY: Int

        func width(of whole: Int) -> Int { (whole - x + stepX - 1) / stepX }
        func height(of whole: Int) -> Int { (whole - y + stepY - 1) / stepY }
    }

    private static let plain = [Pass(x: 0, y: 0, stepX: 1, stepY: 1)]
    private static let interlaced = [
        Pass(x: 0, y: 0, stepX: 8, stepY: 8), Pass(x: 4, y: 0, stepX: 8, stepY: 8),
        Pass(x: 0, y: 4, stepX: 4, stepY: 8),
        Pass(x: 2, y: 0, stepX: 4, stepY: 4), Pass(x: 0, y: 2, stepX: 2, stepY: 4),
        Pass(x: 1, y: 0, stepX: 2, stepY: 2),
        Pass(x: 0, y: 1, stepX: 1, stepY: 2),
    ]

    /// Reads the pixels, and cuts off what lies behind their stream.
    ///
    /// - Parameter isOnlyChecked: that the rows are not wanted: they are left filtered.
    init(_ file: inout PNGChunks, isOnlyChecked: Bool) throws(ImageFault) {
        let bits = file.channels * file.depth
        bitsPerPixel = bits
        let passes = file.isInterlaced ? Self.interlaced : Self.plain
        var count = 0
        for pass in passes where pass.width(of: file.width) > 0 {
            count += (1 + (pass.width(of: file.width) * bits + 7) / 8) * pass.height(of: file.height)
        }
        guard count <= 160_000_000 else {
            throw .unsupported("its pixels take \(count / 1_000_000) MB, more than 160; make it smaller")
        }
        let filtered: [UInt8]
        do throws(Inflater.Fault) {
            let (output, consumed) = try Inflater.inflate(file.content, count: count)
            filtered = output
            file.content.removeSubrange(consumed...)
        } catch {
            throw error == .endsEarly ? .truncated : .damaged("its pixels cannot be unpacked")
        }
        let rowLength = (file.width * bits + 7) / 8
        let step = max(1, bits / 8)
        if !file.isInterlaced {
            if isOnlyChecked {
                let filters = try Self.filters(of: filtered, rowLength: rowLength, height: file.height)
                rows = PictureRows(bytes: [], rowLength: rowLength, step: step, filters: filters)
            } else {
                rows = try Self.unfilter(filtered, rowLength: rowLength, height: file.height, step: step)
            }
            return
        }
        rows = PictureRows(
            bytes: [UInt8](repeating: 0, count: rowLength * file.height), rowLength: rowLength, step: step,
            filters: [UInt8](repeating: 4, count: file.height))
        var start = 0
        for pass in passes {
            let (width, height) = (pass.width(of: file.width), pass.height(of: file.height))
            guard width > 0, height > 0 else { continue }
            let length = (width * bits + 7) / 8
            let end = start + (1 + length) * height
            let reduced = try Self.unfilter(
                Array(filtered[start..<end]), rowLength: length, height: height, step: step)
            start = end
            place(reduced, of: pass, width: width, height: height)
        }
    }

    /// The filters of rows that each begin with the number of theirs.
    private static func filters(
        of filtered: [UInt8], rowLength: Int, height: Int
    ) throws(ImageFault) -> [UInt8] {
        let filters = (0..<height).map { filtered[$0 * (rowLength + 1)] }
        guard filters.allSatisfy({ $0 <= 4 }) else { throw .damaged("its rows have a filter that there is not") }
        return filters
    }

    /// Undoes the filters, in the place where the rows are.
    private static func unfilter(
        _ filtered: consuming [UInt8], rowLength: Int, height: Int, step: Int
    ) throws(ImageFault) -> PictureRows {
        let filters = try filters(of: filtered, rowLength: rowLength, height: height)
        let zeros = [UInt8](repeating: 0, count: rowLength)
        filtered.withUnsafeMutableBufferPointer { bytes in
            zeros.withUnsafeBufferPointer { zeros in
                // A row's bytes move towards the front: what is still to be read is never written over.
                guard let start = bytes.baseAddress, let zeros = zeros.baseAddress else { return }
                for row in 0..<height {
                    let target = start + row * rowLength
                    let above = row > 0 ? UnsafePointer(target - rowLength) : zeros
                    unfilter(
                        filters[row], start + row * (rowLength + 1) + 1, above: above, into: target,
                        count: rowLength, step: step)
                }
            }
        }
        filtered.removeLast(height)
        return PictureRows(bytes: filtered, rowLength: rowLength, step: step, filters: filters)
    }

    private static func unfilter(
        _ filter: UInt8, _ source: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
        into target: UnsafeMutablePointer<UInt8>, count: Int, step: Int
    ) {
        for place in 0..<step {
            target[place] =
                source[place] &+ PictureRows.prediction(filter, left: 0, above: above[place], corner: 0)
        }
        switch filter {
        case 0: for place in step..<count { target[place] = source[place] }
        case 1: for place in step..<count { target[place] = source[place] &+ target[place - step] }
        case 2: for place in step..<count { target[place] = source[place] &+ above[place] }
        default:
            for place in step..<count {
                let guess = PictureRows.prediction(
                    filter, left: target[place - step], above: above[place], corner: above[place - step])
                target[place] = source[place] &+ guess
            }
        }
    }

    /// Puts a reduced picture's pixels where they belong.
    private mutating func place(_ reduced: PictureRows, of pass: Pass, width: Int, height: Int) {
        for row in 0..<height {
            for column in 0..<width {
                let source = row * reduced.rowLength
                let target = (pass.y + row * pass.stepY) * rows.rowLength
                let (from, to) = (column * bitsPerPixel, (pass.x + column * pass.stepX) * bitsPerPixel)
                if bitsPerPixel >= 8 {
                    for byte in 0..<(bitsPerPixel / 8) {
                        rows.bytes[target + to / 8 + byte] = reduced.bytes[source + from / 8 + byte]
                    }
                } else {
                    let value = reduced.bytes[source + from / 8] >> UInt8(8 - bitsPerPixel - from % 8)
                    let mask = UInt8((1 << bitsPerPixel) - 1)
                    rows.bytes[target + to / 8] |= (value & mask) << UInt8(8 - bitsPerPixel - to % 8)
                }
            }
        }
    }
}

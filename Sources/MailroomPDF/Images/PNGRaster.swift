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
    init(_ file: inout PNGChunks) throws(ImageFault) {
        let bits = file.channels * file.depth
        bitsPerPixel = bits
        let passes = file.isInterlaced ? Self.interlaced : Self.plain
        var count = 0
        for pass in passes where pass.width(of: file.width) > 0 {
            count += (1 + (pass.width(of: file.width) * bits + 7) / 8) * pass.height(of: file.height)
        }
        guard count <= 400_000_000 else {
            throw .unsupported("its pixels take \(count / 1_000_000) MB, more than 400; make it smaller")
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
            rows = try Self.unfilter(filtered[...], rowLength: rowLength, height: file.height, step: step)
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
            let reduced = try Self.unfilter(filtered[start..<end], rowLength: length, height: height, step: step)
            start = end
            place(reduced, of: pass, width: width, height: height)
        }
    }

    private static func unfilter(
        _ filtered: ArraySlice<UInt8>, rowLength: Int, height: Int, step: Int
    ) throws(ImageFault) -> PictureRows {
        var bytes = [UInt8](repeating: 0, count: rowLength * height)
        var filters: [UInt8] = []
        filters.reserveCapacity(height)
        var source = filtered.startIndex
        for row in 0..<height {
            let filter = filtered[source]
            guard filter <= 4 else { throw .damaged("its rows have a filter that there is not") }
            filters.append(filter)
            source += 1
            let start = row * rowLength
            for place in start..<(start + rowLength) {
                let left = place - start >= step ? bytes[place - step] : 0
                let above = row > 0 ? bytes[place - rowLength] : 0
                let corner = row > 0 && place - start >= step ? bytes[place - rowLength - step] : 0
                bytes[place] =
                    filtered[source] &+ PictureRows.prediction(filter, left: left, above: above, corner: corner)
                source += 1
            }
        }
        return PictureRows(bytes: bytes, rowLength: rowLength, step: step, filters: filters)
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

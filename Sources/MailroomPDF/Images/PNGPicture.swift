/// Makes a picture of a PNG file. Grey, RGB and palette pixels stay compressed as they are, though what they unpack
/// to has been checked; pixels that have an alpha value, 16 bits, or come interlaced, are unpacked.
enum PNGPicture {
    static func read(_ bytes: [UInt8]) throws(ImageFault) -> Picture {
        var file = try PNGChunks(bytes)
        let isKept = !file.isInterlaced && file.depth < 16 && file.colorType < 4
        let raster = try PNGRaster(&file, isOnlyChecked: isKept && file.colorType != 3)
        var picture = Picture(
            width: file.width, height: file.height, depth: min(file.depth, 8),
            colors: file.colorType == 3 ? .palette(file.palette) : file.channels < 3 ? .grey : .rgb,
            content: .encoded([], entries: []), resolution: file.resolution)
        if file.colorType == 3 {
            picture.alpha = try alphaOfPalette(raster.rows, file: file)
        } else {
            addTransparency(to: &picture, of: raster.rows, file: file)
        }
        if isKept {
            picture.content = .encoded(
                file.content, entries: predictor(colors: file.channels, depth: file.depth, width: file.width))
        } else if file.depth == 16 || file.colorType >= 4 {
            let colors = file.colorType >= 4 ? file.channels - 1 : file.channels
            picture.content = .rows(split(raster.rows, file: file, channels: 0..<colors))
        } else {
            picture.content = .rows(raster.rows)
        }
        return picture
    }

    /// The entries of a compressed stream whose rows are filtered (ISO 32000-1, 7.4.4.4).
    static func predictor(colors: Int, depth: Int, width: Int) -> [UInt8] {
        var entries: [UInt8] = []
        entries.append("/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors ")
        entries.append(decimal: colors)
        entries.append("/BitsPerComponent ")
        entries.append(decimal: depth)
        entries.append("/Columns ")
        entries.append(decimal: width)
        entries.append(">>")
        return entries
    }

    /// Some channels of the pixels, 8 bits of each; the rows keep their filters, as those work channel by channel.
    private static func split(_ rows: PictureRows, file: PNGChunks, channels: Range<Int>) -> PictureRows {
        let size = file.depth / 8
        var bytes: [UInt8] = []
        bytes.reserveCapacity(file.width * file.height * channels.count)
        for pixel in 0..<(file.width * file.height) {
            for channel in channels {
                let place = (pixel * file.channels + channel) * size
                // The nearest of 256 steps to one of 65,536.
                bytes.append(
                    size == 1
                        ? rows.bytes[place]
                        : UInt8((Int(rows.bytes[place]) * 256 + Int(rows.bytes[place + 1]) + 128) / 257))
            }
        }
        return PictureRows(
            bytes: bytes, rowLength: file.width * channels.count, step: channels.count, filters: rows.filters)
    }

    private static func addTransparency(to picture: inout Picture, of rows: PictureRows, file: PNGChunks) {
        if file.colorType >= 4 {
            let alpha = split(rows, file: file, channels: (file.channels - 1)..<file.channels)
            if alpha.bytes.contains(where: { $0 < 255 }) { picture.alpha = alpha }
        } else if !file.transparency.isEmpty {
            let key = stride(from: 0, to: file.transparency.count, by: 2).compactMap {
                file.transparency.number16(at: $0)
            }
            if file.depth < 16 {
                // A value that no pixel can have hides nothing.
                guard key.allSatisfy({ $0 < 1 << file.depth }) else { return }
                picture.colorKey = key.flatMap { [$0, $0] }
            } else {
                // The colours lose their lower bits, so that others may become equal to the hidden one.
                let length = file.transparency.count
                let alpha = (0..<(file.width * file.height)).map { pixel in
                    rows.bytes[(pixel * length)..<((pixel + 1) * length)].elementsEqual(file.transparency)
                        ? 0 : UInt8(255)
                }
                guard alpha.contains(0) else { return }
                picture.alpha = PictureRows(bytes: alpha, rowLength: file.width, step: 1, filters: rows.filters)
            }
        }
    }

    /// Checks that every pixel has a colour of the palette, and gives the pixels' alpha values where some are not 255.
    private static func alphaOfPalette(_ rows: PictureRows, file: PNGChunks) throws(ImageFault) -> PictureRows? {
        let colors = file.palette.count / 3
        let table = file.transparency + [UInt8](repeating: 255, count: 256 - file.transparency.count)
        var alpha: [UInt8] = []
        let isOpaque = table.allSatisfy { $0 == 255 }
        if !isOpaque { alpha.reserveCapacity(file.width * file.height) }
        let mask = UInt8(truncatingIfNeeded: (1 << file.depth) - 1)
        for row in 0..<file.height {
            for column in 0..<file.width {
                let bit = column * file.depth
                let index = rows.bytes[row * rows.rowLength + bit / 8] >> UInt8(8 - file.depth - bit % 8) & mask
                guard index < colors else { throw .damaged("a pixel has a colour that its palette lacks") }
                if !isOpaque { alpha.append(table[Int(index)]) }
            }
        }
        guard alpha.contains(where: { $0 < 255 }) else { return nil }
        return PictureRows(
            bytes: alpha, rowLength: file.width, step: 1, filters: [UInt8](repeating: 0, count: file.height))
    }
}

extension PDFImage {
    /// Appends the operators that draw the image into a rectangle, its lower left corner at `x` and `y`, in
    /// thousandths of a point (ISO 32000-1, 8.9.5). `index` is what the page's resources call it.
    func draw(_ index: Int, x: Int, y: Int, width: Int, height: Int, into bytes: inout [UInt8]) {
        bytes.append("q ")
        for number in picture.orientation.matrix(x: x, y: y, width: width, height: height) {
            bytes.append(thousandths: number)
            bytes.append(" ")
        }
        bytes.append("cm /Im")
        bytes.append(decimal: index)
        bytes.append(" Do Q\n")
    }

    /// Writes the image's objects and gives the number of the first.
    func write(into file: inout ObjectFile) throws(PDFError) -> Int {
        let number = file.reserveObject()
        let packed: (colors: [UInt8], alpha: [UInt8])
        if let compressor = file.compressor { packed = try compressed(by: compressor) } else { packed = ([], []) }
        var mask = 0
        if let alpha = picture.alpha {
            mask = file.reserveObject()
            write(
                alpha, packed: packed.alpha, components: 1, depth: 8, entries: entries(space: "/DeviceGray", depth: 8),
                as: mask, into: &file)
        }
        var entries = entries(space: nil, depth: picture.depth)
        if mask > 0 {
            entries.append("/SMask ")
            entries.append(decimal: mask)
            entries.append(" 0 R")
        }
        if !picture.colorKey.isEmpty { entries.append("/Mask", numbers: picture.colorKey) }
        if picture.isInverted { entries.append("/Decode", numbers: [1, 0, 1, 0, 1, 0, 1, 0]) }
        switch picture.content {
        case .encoded(let content, let filter):
            file.beginStream(entries + filter, number: number)
            file.bytes.append(contentsOf: content)
            file.endStream(isEncoded: true)
        case .rows(let rows):
            write(
                rows, packed: packed.colors, components: picture.colors.components, depth: picture.depth,
                entries: entries, as: number, into: &file)
        }
        return number
    }

    private func write(
        _ rows: PictureRows, packed: [UInt8], components: Int, depth: Int, entries: [UInt8], as number: Int,
        into file: inout ObjectFile
    ) {
        let isPacked = file.compressor != nil
        let filter = PNGPicture.predictor(colors: components, depth: depth, width: picture.width)
        file.beginStream(isPacked ? entries + filter : entries, number: number)
        file.bytes.append(contentsOf: isPacked ? packed : rows.bytes)
        file.endStream(isEncoded: true)
    }

    private func entries(space: StaticString?, depth: Int) -> [UInt8] {
        var entries: [UInt8] = []
        entries.append("/Type/XObject/Subtype/Image/Width ")
        entries.append(decimal: picture.width)
        entries.append("/Height ")
        entries.append(decimal: picture.height)
        entries.append("/ColorSpace")
        if let space { entries.append(space) } else { appendSpace(to: &entries) }
        entries.append("/BitsPerComponent ")
        entries.append(decimal: depth)
        return entries
    }

    private func appendSpace(to entries: inout [UInt8]) {
        switch picture.colors {
        case .grey: entries.append("/DeviceGray")
        case .rgb: entries.append("/DeviceRGB")
        case .cmyk: entries.append("/DeviceCMYK")
        case .palette(let colors):
            entries.append("[/Indexed/DeviceRGB ")
            entries.append(decimal: colors.count / 3 - 1)
            entries.append("<")
            for byte in colors { entries.append(hex: byte) }
            entries.append(">]")
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ key: StaticString, numbers: [Int]) {
        append(key)
        append("[")
        for (index, number) in numbers.enumerated() {
            if index > 0 { append(" ") }
            append(decimal: number)
        }
        append("]")
    }
}

/// What a PNG file says before its pixels are looked at (ISO 15948, clauses 5 and 11). Chunks that speak of colour
/// spaces are passed over: the pixels count as sRGB.
struct PNGChunks {
    static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]

    var width = 0
    var height = 0
    var depth = 0
    /// 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.
    var colorType = 0
    var isInterlaced = false
    var palette: [UInt8] = []
    var transparency: [UInt8] = []
    var resolution: Double?
    /// The compressed pixels.
    var content: [UInt8] = []

    var channels: Int {
        switch colorType {
        case 2: 3
        case 4: 2
        case 6: 4
        default: 1
        }
    }

    init(_ bytes: [UInt8]) throws(ImageFault) {
        var position = Self.signature.count
        var isFirst = true
        var contentEnded = false
        while true {
            guard let length = bytes.number32(at: position), length <= bytes.count - position - 12,
                let checksum = bytes.number32(at: position + 8 + length)
            else { throw .truncated }
            let kind = Array(bytes[(position + 4)..<(position + 8)])
            let body = (position + 8)..<(position + 8 + length)
            position += 12 + length
            guard CRC32.checksum(of: bytes[(body.lowerBound - 4)..<body.upperBound]) == UInt32(checksum) else {
                throw .damaged("a part of it has a wrong checksum")
            }
            let name = String(decoding: kind, as: UTF8.self)
            guard isFirst == (name == "IHDR") else { throw .damaged("its header is not where it must be") }
            isFirst = false
            switch name {
            case "IHDR": try readHeader(bytes[body])
            case "PLTE":
                guard length % 3 == 0, (1...256).contains(length / 3), palette.isEmpty, content.isEmpty else {
                    throw .damaged("its palette is not sound")
                }
                palette = Array(bytes[body])
            case "tRNS": transparency = Array(bytes[body])
            case "pHYs": readResolution(Array(bytes[body]))
            case "IDAT":
                guard !contentEnded else { throw .damaged("its pixels are in two places") }
                content += bytes[body]
            case "IEND":
                try check()
                return
            default:
                // A small first letter says that who does not know the chunk may pass over it.
                guard kind[0] & 32 != 0 else {
                    throw .unsupported("it has parts that are not known; save it as plain PNG")
                }
            }
            contentEnded = !content.isEmpty && name != "IDAT"
        }
    }

    private mutating func readHeader(_ body: ArraySlice<UInt8>) throws(ImageFault) {
        let header = Array(body)
        guard header.count == 13, let width = header.number32(at: 0), let height = header.number32(at: 4) else {
            throw .damaged("its header has a wrong length")
        }
        self.width = width
        self.height = height
        try ImageFault.checkSize(width: width, height: height)
        depth = Int(header[8])
        colorType = Int(header[9])
        let depths: [Int] =
            switch colorType {
            case 0: [1, 2, 4, 8, 16]
            case 2, 4, 6: [8, 16]
            case 3: [1, 2, 4, 8]
            default: []
            }
        guard depths.contains(depth), header[10] == 0, header[11] == 0, header[12] <= 1 else {
            throw .damaged("its header names a kind of pixel that there is not")
        }
        isInterlaced = header[12] == 1
    }

    private mutating func readResolution(_ body: [UInt8]) {
        guard body.count == 9, body[8] == 1, let x = body.number32(at: 0), let y = body.number32(at: 4),
            x == y, x > 0
        else { return }
        resolution = Double(x) * 0.0254
    }

    private func check() throws(ImageFault) {
        guard !content.isEmpty else { throw .damaged("it has no pixels") }
        guard (colorType == 3) == !palette.isEmpty || colorType == 2 || colorType == 6 else {
            throw .damaged(colorType == 3 ? "its palette is missing" : "it has a palette that it must not have")
        }
        guard palette.count / 3 <= 1 << depth || colorType != 3 else { throw .damaged("its palette is too long") }
        let isSound =
            switch colorType {
            case 0: transparency.isEmpty || transparency.count == 2
            case 2: transparency.isEmpty || transparency.count == 6
            case 3: transparency.count <= palette.count / 3
            default: transparency.isEmpty
            }
        guard isSound else { throw .damaged("its list of transparent colours is not sound") }
    }
}

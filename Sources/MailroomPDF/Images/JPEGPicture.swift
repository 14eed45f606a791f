/// Makes a picture of a JPEG file (ITU-T T.81), whose compressed dots stay as they are. Kept are the segments that
/// say how to unpack them; what a camera or a program added (Exif, colour profiles, thumbnails, comments) is left out
/// once it has been asked how to turn the picture. The dots count as sRGB.
struct JPEGPicture {
    private let bytes: [UInt8]
    private var position = 2
    private var kept: [UInt8] = [0xFF, 0xD8]
    private var size: (width: Int, height: Int)?
    /// The names of the components, and which of them have dots.
    private var components: [UInt8] = []
    private var shown: Set<UInt8> = []
    private var quantizationTables: Set<UInt8> = []
    private var usedTables: Set<UInt8> = []
    private var isProgressive = false
    private var hasJFIF = false
    /// What Adobe's segment says of the colours: 0 RGB or CMYK, 1 YCbCr, 2 YCCK.
    private var transform: UInt8?
    private var orientation = Orientation.upright
    private var resolution: Double?

    static func read(_ bytes: [UInt8]) throws(ImageFault) -> Picture {
        var file = JPEGPicture(bytes: bytes)
        return try file.read()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func read() throws(ImageFault) -> Picture {
        while true {
            let marker = try nextMarker()
            if marker == 0xD9 { break }
            guard let length = bytes.number16(at: position), length >= 2, length <= bytes.count - position else {
                throw .truncated
            }
            let segment = (position - 2)..<(position + length)
            let body = Array(bytes[(position + 2)..<(position + length)])
            position += length
            if try read(marker, body) { kept += [0xFF, marker] + bytes[(segment.lowerBound + 2)..<segment.upperBound] }
            if marker == 0xDA { keepScan() }
        }
        kept += [0xFF, 0xD9]
        guard let size, shown == Set(components) else { throw .damaged("some of its dots are missing") }
        guard usedTables.isSubset(of: quantizationTables) else { throw .damaged("a table it needs is missing") }
        return picture(width: size.width, height: size.height)
    }

    private func picture(width: Int, height: Int) -> Picture {
        var entries: [UInt8] = []
        entries.append("/Filter/DCTDecode")
        // Without a segment that says otherwise, components named so are colours, not brightness and differences.
        if components == Array("RGB".utf8) && transform == nil && !hasJFIF {
            entries.append("/DecodeParms<</ColorTransform 0>>")
        }
        var picture = Picture(
            width: width, height: height, colors: components.count == 1 ? .grey : components.count == 3 ? .rgb : .cmyk,
            content: .encoded(kept, entries: entries))
        picture.isInverted = components.count == 4 && transform != nil
        picture.orientation = orientation
        picture.resolution = resolution
        return picture
    }

    private mutating func nextMarker() throws(ImageFault) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        guard bytes[position] == 0xFF else { throw .damaged("a part of it does not begin where it must") }
        // A marker may have fill bytes before it.
        while position < bytes.count, bytes[position] == 0xFF { position += 1 }
        guard position < bytes.count else { throw .truncated }
        position += 1
        return bytes[position - 1]
    }

    /// Reads a segment, and says whether it is kept.
    private mutating func read(_ marker: UInt8, _ body: [UInt8]) throws(ImageFault) -> Bool {
        switch marker {
        case 0xC0, 0xC1, 0xC2: try readFrame(body, isProgressive: marker == 0xC2)
        case 0xC4: try checkCodes(body)
        case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCC...0xCF:
            throw .unsupported("it is a JPEG of a rare kind; save it as an ordinary JPEG (baseline or progressive)")
        case 0xDA: try readScan(body)
        case 0xDB: try readQuantization(body)
        case 0xDC: throw .unsupported("it says its height late; save it again as an ordinary JPEG")
        case 0xDD:
            guard body.count == 2 else { throw .damaged("its restart interval is not sound") }
        case 0xE0: return readJFIF(body)
        case 0xE1:
            readExif(body)
            return false
        case 0xE2...0xED, 0xEF, 0xFE: return false
        case 0xEE:
            guard body.count >= 12, body.prefix(5).elementsEqual("Adobe".utf8) else { return false }
            transform = body[11]
        default: throw .damaged("it has a part that there is not")
        }
        return true
    }

    private mutating func readFrame(_ body: [UInt8], isProgressive: Bool) throws(ImageFault) {
        guard size == nil, body.count >= 6, let height = body.number16(at: 1), let width = body.number16(at: 3),
            body.count == 6 + 3 * Int(body[5])
        else { throw .damaged("its header is not sound") }
        guard body[0] == 8 else { throw .unsupported("it has \(body[0]) bits a colour; save it with 8") }
        guard height > 0 else { throw .unsupported("it says its height late; save it again as an ordinary JPEG") }
        try ImageFault.checkSize(width: width, height: height)
        guard [1, 3, 4].contains(body[5]) else {
            throw .unsupported("it has \(body[5]) colour components; save it as grey, RGB or CMYK")
        }
        for start in stride(from: 6, to: body.count, by: 3) {
            let factors = (body[start + 1] >> 4, body[start + 1] & 15)
            guard (1...4).contains(factors.0), (1...4).contains(factors.1), body[start + 2] < 4,
                !components.contains(body[start])
            else { throw .damaged("its colour components are not sound") }
            components.append(body[start])
            usedTables.insert(body[start + 2])
        }
        size = (width, height)
        self.isProgressive = isProgressive
    }

    private func checkCodes(_ body: [UInt8]) throws(ImageFault) {
        var place = 0
        while place < body.count {
            guard place + 17 <= body.count, body[place] & 15 < 4, body[place] >> 4 < 2 else {
                throw .damaged("its tables are not sound")
            }
            let count = body[(place + 1)..<(place + 17)].reduce(0) { $0 + Int($1) }
            guard count <= 256, place + 17 + count <= body.count else { throw .damaged("its tables are not sound") }
            place += 17 + count
        }
    }

    private mutating func readQuantization(_ body: [UInt8]) throws(ImageFault) {
        var place = 0
        while place < body.count {
            let length = 1 + (body[place] >> 4 == 0 ? 64 : 128)
            guard body[place] & 15 < 4, body[place] >> 4 < 2, place + length <= body.count else {
                throw .damaged("its tables are not sound")
            }
            quantizationTables.insert(body[place] & 15)
            place += length
        }
    }

    private mutating func readScan(_ body: [UInt8]) throws(ImageFault) {
        guard size != nil, let count = body.first, (1...4).contains(count), body.count == 4 + 2 * Int(count) else {
            throw .damaged("its dots do not begin as they must")
        }
        for index in 0..<Int(count) {
            guard components.contains(body[1 + 2 * index]) else { throw .damaged("it has dots of no component") }
            // A progressive picture's first scan of a component has its coefficient 0.
            if !isProgressive || body[1 + 2 * Int(count)] == 0 { shown.insert(body[1 + 2 * index]) }
        }
    }

    /// Keeps the compressed dots up to the next marker that is neither a zero after 255 nor a restart.
    private mutating func keepScan() {
        let start = position
        while position < bytes.count {
            if bytes[position] == 0xFF {
                guard position + 1 < bytes.count else { break }
                let next = bytes[position + 1]
                guard next == 0 || (0xD0...0xD7).contains(next) else { break }
                position += 2
            } else {
                position += 1
            }
        }
        kept += bytes[start..<position]
    }

    private mutating func readJFIF(_ body: [UInt8]) -> Bool {
        guard body.count >= 14, body.prefix(5).elementsEqual("JFIF\0".utf8) else { return false }
        hasJFIF = true
        if let x = body.number16(at: 8), let y = body.number16(at: 10), x == y, x > 0, (1...2).contains(body[7]) {
            resolution = body[7] == 1 ? Double(x) : Double(x) * 2.54
        }
        // One with a thumbnail is not kept: readers do without it.
        return body.count == 14
    }

    private mutating func readExif(_ body: [UInt8]) {
        guard body.prefix(6).elementsEqual("Exif\0\0".utf8) else { return }
        let exif = ExifDirectory(Array(body.dropFirst(6)))
        orientation = exif.orientation ?? orientation
        resolution = resolution ?? exif.resolution
    }
}

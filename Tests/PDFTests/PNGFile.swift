@testable import MailroomPDF

/// A PNG file made by hand, so that every kind of it can be had: its pixels are stored, not compressed.
struct PNGFile {
    var width = 7
    var height = 5
    var depth = 8
    var colorType = 2
    var isInterlaced = false
    var filter: UInt8 = 0
    /// Chunks between the header and the pixels.
    var chunks: [(name: String, body: [UInt8])] = []
    /// A channel of a pixel, 0 to 2^depth - 1.
    var value: (_ x: Int, _ y: Int, _ channel: Int) -> Int = { x, y, channel in x * 3 + y * 5 + channel * 7 }

    var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 1 }

    func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int { value(x, y, channel) & ((1 << depth) - 1) }

    var bytes: [UInt8] {
        var file = PNGChunks.signature
        let kind = [UInt8(depth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0]
        Self.append("IHDR", Self.number(width) + Self.number(height) + kind, to: &file)
        for chunk in chunks { Self.append(chunk.name, chunk.body, to: &file) }
        var stream: [UInt8] = []
        rows.withUnsafeBufferPointer { PDFCompressor.store($0, &stream) }
        // In two pieces, as large files have many.
        Self.append("IDAT", Array(stream.prefix(9)), to: &file)
        Self.append("IDAT", Array(stream.dropFirst(9)), to: &file)
        Self.append("IEND", [], to: &file)
        return file
    }

    /// The rows of all passes, filtered.
    private var rows: [UInt8] {
        let passes: [(x: Int, y: Int, stepX: Int, stepY: Int)] =
            isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)]
        var output: [UInt8] = []
        for pass in passes where pass.x < width {
            var last: [UInt8]?
            for y in stride(from: pass.y, to: height, by: pass.stepY) {
                var bits: [UInt8] = []
                for x in stride(from: pass.x, to: width, by: pass.stepX) {
                    for channel in 0..<channels {
                        let sample = sample(x, y, channel)
                        for bit in (0..<depth).reversed() { bits.append(UInt8(sample >> bit & 1)) }
                    }
                }
                let row = stride(from: 0, to: bits.count, by: 8).map { start in
                    (0..<8).reduce(UInt8(0)) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }
                }
                output += [filter] + filtered(row, above: last ?? [UInt8](repeating: 0, count: row.count))
                last = row
            }
        }
        return output
    }

    private func filtered(_ row: [UInt8], above: [UInt8]) -> [UInt8] {
        let step = max(1, channels * depth / 8)
        return row.indices.map { place in
            let (a, b) = (place >= step ? Int(row[place - step]) : 0, Int(above[place]))
            let c = place >= step ? Int(above[place - step]) : 0
            let guess: Int
            switch filter {
            case 1: guess = a
            case 2: guess = b
            case 3: guess = (a + b) / 2
            case 4:
                let distances = [abs(b - c), abs(a - c), abs(a + b - 2 * c)]
                guess = [a, b, c][distances.firstIndex(of: distances.min() ?? 0) ?? 0]
            default: guess = 0
            }
            return UInt8(truncatingIfNeeded: Int(row[place]) - guess)
        }
    }

    static func append(_ name: String, _ body: [UInt8], to file: inout [UInt8]) {
        file += number(body.count)
        let chunk = Array(name.utf8) + body
        file += chunk + number(Int(CRC32.checksum(of: chunk[...])))
    }

    static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}

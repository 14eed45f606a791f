import TestSupport
import XCTest

@testable import MailroomPDF

final class ImagePNGTests: XCTestCase {
    private static let kinds: [(colorType: Int, depths: [Int])] = [
        (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
    ]

    private static let palette: [UInt8] = (0...255).flatMap { (value: UInt8) -> [UInt8] in
        [value, 255 - value, value &* 7]
    }

    /// What a reader must see of a file on white paper.
    private func expected(_ file: PNGFile, alphaOf: (_ x: Int, _ y: Int) -> Int = { _, _ in 255 }) -> [UInt8] {
        var pixels: [UInt8] = []
        let top = (1 << file.depth) - 1
        for y in 0..<file.height {
            for x in 0..<file.width {
                var alpha = alphaOf(x, y)
                if file.colorType >= 4 { alpha = (file.sample(x, y, file.channels - 1) * 255 + top / 2) / top }
                for channel in 0..<3 {
                    let value: Int
                    if file.colorType == 3 {
                        value = Int(Self.palette[file.sample(x, y, 0) * 3 + channel])
                    } else {
                        let sample = file.sample(x, y, file.channels < 3 ? 0 : channel)
                        value = (sample * 255 + top / 2) / top
                    }
                    pixels.append(UInt8((value * alpha + 255 * (255 - alpha) + 127) / 255))
                }
            }
        }
        return pixels
    }

    private func assertShows(
        _ file: PNGFile, _ expected: [UInt8], tolerance: Int, compressor: PDFCompressor? = nil, line: UInt = #line
    ) throws {
        let image = try PDFImage(file.bytes)
        XCTAssertEqual([image.width, image.height], [file.width, file.height])
        let shown = try ImagePage.pixels(of: image, compressor: compressor)
        let furthest = zip(shown, expected).map { abs(Int($0) - Int($1)) }.max() ?? 256
        let name = "type \(file.colorType), depth \(file.depth), interlaced \(file.isInterlaced)"
        XCTAssertEqual(shown.count, expected.count, name, line: line)
        XCTAssertLessThanOrEqual(furthest, tolerance, name, line: line)
    }

    func testShowsEveryKindOfPixel() throws {
        for kind in Self.kinds {
            for depth in kind.depths {
                for isInterlaced in [false, true] {
                    var file = PNGFile(
                        depth: depth, colorType: kind.colorType, isInterlaced: isInterlaced, filter: UInt8(depth % 5),
                        value: { x, y, channel in
                            let sample = x * 3 + y * 5 + channel * 70
                            return depth == 16 ? sample * 1_991 : sample
                        })
                    if kind.colorType == 3 { file.chunks = [("PLTE", Array(Self.palette.prefix(3 << depth)))] }
                    try assertShows(
                        file, expected(file), tolerance: kind.colorType >= 4 ? 2 : 1,
                        compressor: isInterlaced ? .stored : nil)
                }
            }
        }
    }

    func testEveryFilterOfARowIsUndoneAndKept() throws {
        for filter in 0..<5 {
            for colorType in [2, 4, 6] {
                let file = PNGFile(
                    width: 9, height: 6, colorType: colorType, filter: UInt8(filter),
                    value: { x, y, channel in x * x * 31 + y * 57 * (channel + 1) })
                try assertShows(file, expected(file), tolerance: 2, compressor: .stored)
            }
        }
    }

    func testPicturesSmallerThanAPassOfInterlacing() throws {
        for (width, height) in [(1, 1), (2, 1), (1, 2), (3, 3), (5, 1), (1, 5), (8, 8), (9, 9)] {
            let file = PNGFile(width: width, height: height, isInterlaced: true)
            guard case .rows(let rows) = try PDFImage(file.bytes).picture.content else {
                return XCTFail("not unpacked")
            }
            let pixels = (0..<height).flatMap { y in
                (0..<width).flatMap { x in (0..<3).map { UInt8(file.sample(x, y, $0)) } }
            }
            XCTAssertEqual(rows.bytes, pixels, "\(width) × \(height)")
        }
    }

    func testAColourCanBeTransparent() throws {
        for (colorType, depth, key) in [
            (0, 4, [0, 9]), (0, 8, [0, 9]), (2, 8, [0, 9, 0, 16, 0, 23]), (2, 16, [0, 9, 0, 16, 0, 23]),
            (0, 16, [0, 9]),
        ] {
            for isInterlaced in [false, true] {
                var file = PNGFile(depth: depth, colorType: colorType, isInterlaced: isInterlaced)
                file.chunks = [("tRNS", key.map { UInt8($0) })]
                let pixels = expected(file) { x, y in file.sample(x, y, 0) == 9 ? 0 : 255 }
                XCTAssertNotEqual(pixels, expected(file))
                try assertShows(file, pixels, tolerance: 1)
            }
        }
    }

    func testColoursOfAPaletteCanBePartlyTransparent() throws {
        for depth in [2, 8] {
            var file = PNGFile(depth: depth, colorType: 3)
            file.chunks = [("PLTE", Array(Self.palette.prefix(3 << depth))), ("tRNS", [0, 128, 255, 30])]
            let table = [0, 128, 255, 30]
            let pixels = expected(file) { x, y in
                let index = file.sample(x, y, 0)
                return index < 4 ? table[index] : 255
            }
            try assertShows(file, pixels, tolerance: 2)
            XCTAssertNotNil(try PDFImage(file.bytes).picture.alpha)
        }
    }

    func testAnAlphaThatHidesNothingIsLeftOut() throws {
        let file = PNGFile(colorType: 6, value: { x, y, channel in channel == 3 ? 255 : x + y })
        let image = try PDFImage(file.bytes)
        XCTAssertNil(image.picture.alpha)
        XCTAssertNil(PDFConformance.pdfA1b.refusal(of: image))
    }

    func testKeepsPixelsCompressedAsTheyCame() throws {
        let file = PNGFile(filter: 4)
        guard case .encoded(let content, let entries) = try PDFImage(file.bytes).picture.content else {
            return XCTFail("unpacked")
        }
        XCTAssertEqual(Array(content.prefix(2)), [0x78, 0x01])
        XCTAssert(String(decoding: entries, as: UTF8.self).contains("/Predictor 15/Colors 3"))
    }

    func testReadsTheResolution() throws {
        var file = PNGFile()
        XCTAssertNil(try PDFImage(file.bytes).resolution)
        file.chunks = [("pHYs", PNGFile.number(11_811) + PNGFile.number(11_811) + [1])]
        XCTAssertEqual(try XCTUnwrap(PDFImage(file.bytes).resolution), 300, accuracy: 0.01)
        file.chunks = [("pHYs", PNGFile.number(11_811) + PNGFile.number(3) + [1])]
        XCTAssertNil(try PDFImage(file.bytes).resolution)
    }

    func testRefusesWhatIsDamaged() throws {
        func assertDamaged(_ file: PNGFile, _ reason: String, line: UInt = #line) {
            XCTAssertThrowsError(try PDFImage(file.bytes, name: "logo.png"), line: line) { error in
                XCTAssertEqual((error as? PDFError)?.code, .damagedImage, "\(error)", line: line)
                XCTAssert("\(error)".contains("logo.png") && "\(error)".contains(reason), "\(error)", line: line)
            }
        }
        assertDamaged(PNGFile(colorType: 3), "palette is missing")
        assertDamaged(PNGFile(colorType: 5), "kind of pixel")
        assertDamaged(PNGFile(depth: 4), "kind of pixel")
        assertDamaged(PNGFile(filter: 5), "filter")
        assertDamaged(PNGFile(colorType: 3, chunks: [("PLTE", [1, 2, 3])]), "its palette lacks")
        assertDamaged(PNGFile(colorType: 3, chunks: [("PLTE", [1, 2])]), "palette is not sound")
        assertDamaged(PNGFile(chunks: [("tRNS", [1, 2])]), "transparent colours")
        assertDamaged(PNGFile(width: 0, height: 4), "zero")
        assertDamaged(PNGFile(chunks: [("IHDR", [1])]), "header")
        assertDamaged(PNGFile(chunks: [("IDAT", [1])]), "unpacked")
    }

    func testRefusesASizeBeforeMakingRoomForIt() throws {
        var bytes = PNGFile().bytes
        func claim(_ width: Int, _ height: Int) -> [UInt8] {
            var header = Array("IHDR".utf8) + PNGFile.number(width) + PNGFile.number(height) + bytes[24..<29]
            header += PNGFile.number(Int(CRC32.checksum(of: header[...])))
            bytes.replaceSubrange(12..<33, with: header)
            return bytes
        }
        for (width, height, code) in [
            (0xFFFF_FFFF, 0xFFFF_FFFF, PDFError.Code.unsupportedImage), (100_000, 1_001, .unsupportedImage),
            (10_000, 5_000, .damagedImage), (100_000_000, 1, .unsupportedImage),
        ] {
            XCTAssertThrowsError(try PDFImage(claim(width, height))) { error in
                XCTAssertEqual((error as? PDFError)?.code, code, "\(error)")
            }
        }
    }

    func testEveryTruncationAndEveryChangedByteIsRefused() throws {
        for file in [
            PNGFile(filter: 4), PNGFile(colorType: 6, isInterlaced: true),
            PNGFile(depth: 2, colorType: 3, chunks: [("PLTE", Array(Self.palette.prefix(12))), ("tRNS", [1])]),
        ] {
            let bytes = file.bytes
            for count in bytes.indices { XCTAssertThrowsError(try PDFImage(Array(bytes.prefix(count)))) }
            for place in bytes.indices {
                var changed = bytes
                changed[place] ^= UInt8(1 << (place % 8))
                XCTAssertThrowsError(try PDFImage(changed), "byte \(place)")
            }
        }
    }

    func testPixelsThatDoNotUnpackAreFoundBehindTheRightChecksums() throws {
        var random = SeededGenerator(11)
        for _ in 0..<300 {
            var stream: [UInt8] = [0x78, 0x9C]
            for _ in 0..<Int.random(in: 0..<60, using: &random) { stream.append(.random(in: 0...255, using: &random)) }
            var bytes = Array(PNGFile().bytes.prefix(33))
            PNGFile.append("IDAT", stream, to: &bytes)
            PNGFile.append("IEND", [], to: &bytes)
            XCTAssertThrowsError(try PDFImage(bytes))
        }
    }

    func testNamesWhatIsNoImage() {
        XCTAssertThrowsError(try PDFImage(Array("GIF89a".utf8), name: "a.gif")) { error in
            XCTAssertEqual((error as? PDFError)?.code, .unsupportedImage)
            XCTAssertEqual(
                "\(error)",
                "The image “a.gif” cannot be used: it is neither JPEG nor PNG; save it as one of these.")
        }
        XCTAssertThrowsError(try PDFImage([])) { error in
            XCTAssertEqual((error as? PDFError)?.code, .damagedImage)
        }
    }
}

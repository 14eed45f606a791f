import TestSupport
import XCTest

@testable import MailroomPDF

/// What readers show of images made by other programs, against what those programs say that they show.
final class ImageSampleTests: XCTestCase {
    private func difference(_ left: [UInt8], _ right: [UInt8]) -> (mean: Double, most: Int) {
        XCTAssertEqual(left.count, right.count)
        let differences = zip(left, right).map { abs(Int($0) - Int($1)) }
        return (Double(differences.reduce(0, +)) / Double(max(1, differences.count)), differences.max() ?? 0)
    }

    func testReadersShowWhatAnotherProgramShows() throws {
        let files = try ImageSamples.files()
        let names = files.keys.filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }
        XCTAssertGreaterThan(names.count, 20)
        for name in names where name != "cmyk.jpg" {
            let image = try PDFImage(files[name, default: []], name: name)
            let shown = try ImagePage.pixels(of: image, compressor: name.hasPrefix("rgb") ? .stored : nil)
            let expected = try ImagePage.pixels(
                ofPortable: files["\(name).ppm", default: []], width: image.width, height: image.height)
            let (mean, most) = difference(shown, expected)
            // A JPEG's dots are unpacked by rules that leave the last steps open.
            XCTAssertLessThan(mean, name.hasSuffix(".jpg") ? 3 : 0.5, name)
            XCTAssertLessThan(most, name.hasSuffix(".jpg") ? 60 : 3, name)
        }
    }

    func testValidatorsAcceptTheFiles() throws {
        let files = try ImageSamples.files()
        for name in ["rgb.png", "rgba.png", "palette-alpha.png", "key.png", "baseline.jpg", "cmyk.jpg", "turned6.jpg"] {
            for compressor in [nil, PDFCompressor.stored] {
                let image = try PDFImage(files[name, default: []], name: name)
                let pdf = try ImagePage.document(of: image, compressor: compressor)
                let printed = try Programs.output(of: "qpdf", ["--check"], over: pdf)
                XCTAssert(printed.contains("No syntax or stream encoding errors"), printed)
                let pixels = try Programs.output(of: "mutool", ["draw", "-F", "pam"], over: pdf)
                XCTAssertFalse(pixels.contains("error"), name)
            }
        }
    }

    func testInvertedInksAreShownAsTheyWereMeant() throws {
        let files = try ImageSamples.files()
        let image = try PDFImage(files["cmyk.jpg", default: []])
        XCTAssertEqual(image.picture.colors, .cmyk)
        XCTAssert(image.picture.isInverted)
        let expected = try ImagePage.pixels(
            ofPortable: files["cmyk.jpg.ppm", default: []], width: image.width, height: image.height)
        // Programs mix inks differently, but none takes light for dark.
        XCTAssertLessThan(difference(try ImagePage.pixels(of: image), expected).mean, 40)
    }

    func testATurnedPhotographStandsUpright() throws {
        let files = try ImageSamples.files()
        for number in 1...8 {
            let image = try PDFImage(files["turned\(number).jpg", default: []])
            XCTAssertEqual([image.width, image.height], number < 5 ? [61, 43] : [43, 61])
        }
    }

    func testWhatACameraOrAProgramAddedIsLeftOut() throws {
        let files = try ImageSamples.files()
        for name in ["whole.jpg", "profile.jpg", "turned3.jpg"] {
            let bytes = files[name, default: []]
            XCTAssert(String(decoding: bytes, as: UTF8.self).contains("secret"))
            let pdf = try ImagePage.document(of: PDFImage(bytes))
            XCTAssertFalse(String(decoding: pdf, as: UTF8.self).contains("secret"), name)
        }
    }

    func testReadsTheResolution() throws {
        let files = try ImageSamples.files()
        XCTAssertEqual(try PDFImage(files["whole.jpg", default: []]).resolution, 150)
        XCTAssertEqual(try XCTUnwrap(PDFImage(files["profile.png", default: []]).resolution), 300, accuracy: 0.1)
    }

    func testUnpacksWhatZlibPacks() throws {
        let files = try ImageSamples.files()
        let plain = files["plain", default: []]
        let names = files.keys.filter { $0.hasSuffix(".zlib") }
        XCTAssertEqual(names.count, 40)
        for name in names {
            let packed = files[name, default: []]
            let (output, consumed) = try Inflater.inflate(packed + [1, 2, 3], count: plain.count)
            XCTAssert(output == plain, name)
            XCTAssertEqual(consumed, packed.count, name)
            XCTAssertThrowsError(try Inflater.inflate(packed, count: plain.count - 1))
            XCTAssertThrowsError(try Inflater.inflate(packed, count: plain.count + 1))
        }
    }

    func testUnpackingEndsWhateverTheStreamSays() throws {
        let files = try ImageSamples.files()
        var random = SeededGenerator(3)
        for name in ["9-0.zlib", "6-4.zlib", "0-0.zlib"] {
            let packed = files[name, default: []]
            for count in stride(from: 0, to: packed.count, by: packed.count / 50) {
                XCTAssertThrowsError(try Inflater.inflate(Array(packed.prefix(count)), count: 23_000))
            }
            for _ in 0..<200 {
                var changed = packed
                let place = Int.random(in: 0..<min(packed.count, 2_000), using: &random)
                changed[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
                XCTAssertThrowsError(try Inflater.inflate(changed, count: 23_000), "byte \(place)")
            }
        }
    }

    func testRareKindsOfJPEGAreRefusedWithAdvice() throws {
        let bytes = try ImageSamples.files()["whole.jpg", default: []]
        let frame = try XCTUnwrap(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        for (place, value, advice) in [
            (1, UInt8(0xC9), "baseline or progressive"), (1, 0xC3, "baseline or progressive"),
            (4, 12, "save it with 8"),
            (6, 0, "ordinary JPEG"),
        ] {
            var changed = bytes
            if place == 6 { changed[frame + 5] = 0 }
            changed[frame + place] = value
            XCTAssertThrowsError(try PDFImage(changed, name: "photo.jpg")) { error in
                XCTAssertEqual((error as? PDFError)?.code, .unsupportedImage, "\(error)")
                XCTAssert("\(error)".contains("photo.jpg") && "\(error)".contains(advice), "\(error)")
            }
        }
    }

    func testAnImageStandsInTheFileOnce() throws {
        let image = try PDFImage(ImageSamples.files()["baseline.jpg", default: []])
        var letter = PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
        for _ in 0..<3 {
            letter.addImage(image)
            letter.breakPage()
        }
        let listed = try Programs.output(of: "pdfimages", ["-list"], over: letter.finish())
        let rows = listed.split(separator: "\n").filter { $0.contains(" jpeg ") }
        XCTAssertEqual(rows.count, 3, listed)
        XCTAssertEqual(Set(rows.map { $0.split(separator: " ")[10] }).count, 1, listed)
    }

    func testWhatACompressorMadeIsKeptForThatCompressorAlone() throws {
        let file = PNGFile(colorType: 6)
        let image = try PDFImage(file.bytes)
        func make(_ image: PDFImage, _ mark: UInt8) throws -> [UInt8] {
            try ImagePage.document(of: image, compressor: PDFCompressor { _, output in output += [mark, mark, mark] })
        }
        let first = try make(image, 1)
        XCTAssertNotEqual(try make(image, 2), first)
        XCTAssertEqual(try make(image, 1), first)
        XCTAssertEqual(try make(PDFImage(file.bytes), 1), first)
    }

    func testTruncatedPhotographsAreRefusedAndChangedOnesNeverTrap() throws {
        let files = try ImageSamples.files()
        var random = SeededGenerator(8)
        for name in ["baseline.jpg", "progressive.jpg", "turned5.jpg", "cmyk.jpg"] {
            let bytes = files[name, default: []]
            for count in bytes.indices {
                XCTAssertThrowsError(try PDFImage(Array(bytes.prefix(count))), "\(name) to \(count)")
            }
            var refused = 0
            for _ in 0..<2_000 {
                var changed = bytes
                for _ in 0..<3 {
                    changed[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                do { _ = try PDFImage(changed) } catch { refused += 1 }
            }
            XCTAssertGreaterThan(refused, 200, name)
        }
    }
}

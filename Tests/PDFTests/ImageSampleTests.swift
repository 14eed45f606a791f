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

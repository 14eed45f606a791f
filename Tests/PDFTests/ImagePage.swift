import TestSupport
import XCTest

@testable import MailroomPDF

/// A document of one image that fills its page, a square of some points for each pixel: so large that readers do not
/// blend its pixels.
enum ImagePage {
    private static let scale = 8

    static func document(
        of image: PDFImage, compressor: PDFCompressor? = nil, conformance: PDFConformance? = nil
    ) throws -> [UInt8] {
        var file = ObjectFile(fixedObjects: 3, compressor: compressor)
        var images = PageImages()
        let index = images.index(of: image)
        let content = file.beginStream()
        image.draw(
            index, x: 0, y: 0, width: image.width * scale * 1_000, height: image.height * scale * 1_000,
            into: &file.bytes)
        file.endStream()
        let resources = try images.write(into: &file, conformance: conformance)
        for (number, text) in [
            (1, "<</Type/Catalog/Pages 2 0 R>>"), (2, "<</Type/Pages/Count 1/Kids[3 0 R]>>"),
            (
                3,
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 \(image.width * scale) \(image.height * scale)]/Contents \(content) 0 R"
                    + "/Resources<<\(String(decoding: resources, as: UTF8.self))>>>>"
            ),
        ] {
            file.beginObject(number)
            file.bytes += text.utf8
            file.endObject()
        }
        let properties = file.reserveObject()
        file.beginObject(properties)
        file.bytes += "<<>>".utf8
        file.endObject()
        file.finish(root: 1, properties: properties)
        return file.bytes
    }

    /// The pixels of an image as poppler shows it on white paper: three bytes each.
    static func pixels(of image: PDFImage, compressor: PDFCompressor? = nil) throws -> [UInt8] {
        let folder = TestFolder()
        let pdf = try document(of: image, compressor: compressor)
        let path = try folder.file("a.pdf", pdf)
        let outcome = try Programs.run("pdftoppm", ["-r", "72", path, "\(folder.path)/a"])
        XCTAssertEqual(outcome.errors, "")
        let (width, height) = (image.width * scale, image.height * scale)
        let large = try pixels(ofPortable: folder.bytes("a-1.ppm"), width: width, height: height)
        return (0..<image.height).flatMap { y in
            (0..<image.width).flatMap { x in
                let middle = ((y * scale + scale / 2) * width + x * scale + scale / 2) * 3
                return large[middle..<(middle + 3)]
            }
        }
    }

    /// The pixels of a picture in the portable format that programs print.
    static func pixels(ofPortable bytes: [UInt8], width: Int, height: Int) throws -> [UInt8] {
        let header = "P6\n\(width) \(height)\n255\n"
        XCTAssertEqual(String(decoding: bytes.prefix(header.utf8.count), as: UTF8.self), header)
        return Array(bytes.dropFirst(header.utf8.count))
    }
}

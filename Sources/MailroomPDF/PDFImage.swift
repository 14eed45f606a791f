import Synchronization

/// A picture for documents, read from a JPEG or PNG file.
///
///     let logo = try PDFImage(bytes, name: "logo.png")
///
/// Make it once and use it in many documents: what a compressor makes of it is kept. A picture stands in a document
/// once, however often it is shown.
///
/// JPEG: baseline and progressive, grey, RGB and CMYK, 8 bits; turned as its Exif says. PNG: every kind; what is partly
/// transparent stays so, and 16 bits become 8. Colours count as sRGB: profiles and gamma values in the file are left
/// out, as are its comments and what a camera wrote about place and time. More than 100 million pixels are refused.
public final class PDFImage: Sendable, Hashable {
    /// What errors call the image: for instance the file's name.
    public let name: String
    /// From left to right as it is shown, in pixels.
    public let width: Int
    /// From top to bottom as it is shown, in pixels.
    public let height: Int
    /// Pixels per inch, where the file says so: 10 to 10,000, the same in both directions.
    public let resolution: Double?

    let picture: Picture
    private let kept = Mutex<Kept?>(nil)

    /// What the last compressor made of the picture.
    private struct Kept {
        /// The compressor's number.
        let compressor: Int
        let colors: [UInt8]
        let alpha: [UInt8]
    }

    /// Reads an image.
    ///
    /// - Parameters:
    ///   - bytes: the whole JPEG or PNG file.
    ///   - name: what errors call the image.
    /// - Throws: `PDFError` with code `.damagedImage` or `.unsupportedImage`. A PNG is checked wholly; of a JPEG the
    ///   structure is, not the dots.
    public init(_ bytes: [UInt8], name: String = "") throws(PDFError) {
        self.name = name
        do throws(ImageFault) {
            picture = try Self.read(bytes)
        } catch {
            throw PDFError(error, in: Self.phrase(for: name))
        }
        width = picture.orientation.isSideways ? picture.height : picture.width
        height = picture.orientation.isSideways ? picture.width : picture.height
        // What no scanner or screen has is a mistake of the program that wrote it.
        resolution = picture.resolution.flatMap { (10...10_000).contains($0) ? $0 : nil }
    }

    private static func read(_ bytes: [UInt8]) throws(ImageFault) -> Picture {
        if bytes.starts(with: PNGChunks.signature) { return try PNGPicture.read(bytes) }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try JPEGPicture.read(bytes) }
        guard !bytes.isEmpty else { throw .damaged("the file is empty") }
        throw .unsupported("it is neither JPEG nor PNG; save it as one of these")
    }

    private static func phrase(for name: String) -> String { name.isEmpty ? "The image" : "The image “\(name)”" }

    /// The image as the subject of a sentence.
    var phrase: String { Self.phrase(for: name) }

    /// The same image object; two made of the same file are different.
    public static func == (left: PDFImage, right: PDFImage) -> Bool { left === right }

    /// Hashes the object's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    /// The rows as the compressor makes them smaller, taken from the last document where that had the same.
    func compressed(by compressor: PDFCompressor) throws(PDFError) -> (colors: [UInt8], alpha: [UInt8]) {
        if let kept = kept.withLock({ $0 }), kept.compressor == compressor.number {
            return (kept.colors, kept.alpha)
        }
        var (colors, alpha): ([UInt8], [UInt8]) = ([], [])
        if case .rows(let rows) = picture.content { colors = try compressor(rows.filtered()) }
        if let rows = picture.alpha { alpha = try compressor(rows.filtered()) }
        let made = Kept(compressor: compressor.number, colors: colors, alpha: alpha)
        kept.withLock { $0 = made }
        return (colors, alpha)
    }
}

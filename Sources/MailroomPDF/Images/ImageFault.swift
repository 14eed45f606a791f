/// What is wrong with an image file, without the image's name.
enum ImageFault: Error {
    /// The file breaks its format's rules, or ends too early.
    case damaged(String)
    /// The file may be sound, but is of a kind that is not read here; the text ends with what to do.
    case unsupported(String)

    static let truncated = ImageFault.damaged("the file ends too early")

    /// The most pixels that an image may have: a sheet of A4 at 1,000 pixels per inch.
    static let pixelLimit = 100_000_000

    /// Checks the size that a file claims, before anything is made of that size.
    static func checkSize(width: Int, height: Int) throws(ImageFault) {
        guard width > 0, height > 0 else { throw .damaged("its width or height is zero") }
        let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
        guard !overflows, pixels <= pixelLimit else {
            throw .unsupported("it has \(width) × \(height) pixels, more than 100 million; make it smaller")
        }
    }
}

extension [UInt8] {
    /// The big-endian number of two bytes at an offset; nil beyond the end.
    func number16(at offset: Int) -> Int? {
        guard offset >= 0, offset <= count - 2 else { return nil }
        return Int(self[offset]) << 8 | Int(self[offset + 1])
    }

    /// The big-endian number of four bytes at an offset; nil beyond the end.
    func number32(at offset: Int) -> Int? {
        guard let high = number16(at: offset), let low = number16(at: offset + 2) else { return nil }
        return high << 16 | low
    }
}

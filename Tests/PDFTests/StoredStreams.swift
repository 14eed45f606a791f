import MailroomPDF

extension PDFCompressor {
    /// Compresses nothing: content as stored blocks in the zlib format.
    static let stored = PDFCompressor { content, output in store(content, &output) }

    static func store(_ content: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) {
        var (low, high) = (1, 0)
        for byte in content {
            low = (low + Int(byte)) % 65_521
            high = (high + low) % 65_521
        }
        output += [0x78, 0x01]
        var start = 0
        repeat {
            let end = min(start + 65_535, content.count)
            let length = [UInt8((end - start) & 255), UInt8((end - start) >> 8)]
            output += [end == content.count ? 1 : 0] + length + length.map(~) + content[start..<end]
            start = end
        } while start < content.count
        output += [high >> 8, high & 255, low >> 8, low & 255].map { UInt8($0) }
    }
}

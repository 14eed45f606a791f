import MailroomPDF

extension PDFCompressor {
    /// Compresses nothing: content of at most 65,535 bytes as one stored block in the zlib format.
    static let stored = PDFCompressor { content, output in
        var low = 1
        var high = 0
        for byte in content {
            low = (low + Int(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let length = [UInt8(content.count & 255), UInt8(content.count >> 8)]
        output += [0x78, 0x01, 0x01] + length + length.map(~) + content
        output += [high >> 8, high & 255, low >> 8, low & 255].map { UInt8($0) }
    }
}

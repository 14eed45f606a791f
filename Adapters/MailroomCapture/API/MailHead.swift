/// A mail's header read without the rest, which may be large and on the disk.
enum MailHead {
    /// A header that goes on for longer is none.
    static let maximumBytes = 1 << 20
    private static let step = 32 << 10

    /// The header with the empty line behind it; nothing where there is no empty line, as MailHog has it.
    static func octets(of message: CapturedMessage) -> ArraySlice<UInt8> {
        var limit = step
        while true {
            let bytes = (try? message.content.read(first: limit)) ?? []
            // The line break at a mail's very end is none of the mail's.
            if let end = bytes[...].firstRange(of: [13, 10, 13, 10]), end.upperBound < message.size {
                return bytes[..<end.upperBound]
            }
            guard bytes.count == limit, limit < maximumBytes, limit < message.size else { return [] }
            limit *= 4
        }
    }
}

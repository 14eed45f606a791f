/// A mail's octets on their way to where they are kept, of which no more than a limit are.
struct LimitedContent {
    private let limit: Int
    /// Gone once there are too many octets, which gives back what the disk held of them.
    private(set) var writer: ContentWriter?

    init(_ writer: ContentWriter, limit: Int) {
        self.writer = writer
        self.limit = limit
    }

    /// Whether there was more than the limit; the rest is read but not kept.
    var isOverLimit: Bool { writer == nil }

    mutating func append(_ octets: UnsafeRawBufferPointer) {
        guard let writer, !octets.isEmpty else { return }
        if octets.count <= limit - writer.count { writer.append(octets) } else { self.writer = nil }
    }

    mutating func append(_ byte: UInt8) { withUnsafeBytes(of: byte) { append($0) } }
}

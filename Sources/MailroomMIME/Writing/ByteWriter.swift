/// The bytes of a message as they grow, and where the last line began.
struct ByteWriter {
    var bytes: [UInt8] = []
    private var lineStart = 0

    /// Lines of a header are folded where they would become longer (RFC 5322 §2.1.1).
    static let lineLimit = 78

    var column: Int { bytes.count - lineStart }

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
        lineStart = bytes.count
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) { bytes.append(byte) }

    mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ range: Slice<UnsafeBufferPointer<UInt8>>) {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: range))
    }

    /// Appends text known to be printable ASCII.
    mutating func put(ascii text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func newline() {
        bytes.append(ASCII.cr)
        bytes.append(ASCII.lf)
        lineStart = bytes.count
    }

    /// A blank, on a new line unless what follows it still fits on this one.
    mutating func blank(before width: Int) {
        if column + 1 + width > Self.lineLimit { newline() }
        put(ASCII.space)
    }
}

import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A message as programs read it from their standard input: with LF line ends, which is the convention of Unix.
///
/// Postfix, Exim and msmtp take CRLF as well, nullmailer and older programs send `CR CR LF` on then. It is converted
/// block by block; the whole is never there twice.
struct MessageInput: Sendable {
    static let blockSize = 65_536

    private let message: [UInt8]
    private var position = 0

    /// Throws for a lone CR or LF: it would arrive as something else than was signed and kept.
    init(_ message: [UInt8]) throws(TransportError) {
        self.message = message
        guard !Self.hasLoneEnding(message) else {
            throw TransportError(
                .unsupported, "The message has a line that ends with a lone CR or LF. Write CRLF line endings.",
                isTransient: false)
        }
    }

    /// Writes the next part of at most the buffer's size; 0 when there is no more.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        message.withUnsafeBytes { message in
            guard let source = message.baseAddress, let target = buffer.baseAddress else { return }
            while position < message.count, count < buffer.count {
                let room = min(message.count - position, buffer.count - count)
                let found = memchr(source + position, 13, room)
                let run = found.map { source.distance(to: UnsafeRawPointer($0)) - position } ?? room
                memcpy(target + count, source + position, run)
                count += run
                position += run
                // Every CR stands before an LF.
                if found != nil { position += 1 }
            }
        }
        return count
    }

    private static func hasLoneEnding(_ message: [UInt8]) -> Bool {
        message.withUnsafeBytes { bytes in
            guard let begin = bytes.baseAddress else { return false }
            var at = 0
            // Each CR is followed by an LF, and between one such pair and the next there is no LF.
            while at < bytes.count {
                let carriage = memchr(begin + at, 13, bytes.count - at)
                let end = carriage.map { begin.distance(to: UnsafeRawPointer($0)) } ?? bytes.count
                if memchr(begin + at, 10, end - at) != nil { return true }
                if carriage == nil { return false }
                guard end + 1 < bytes.count, bytes[end + 1] == 10 else { return true }
                at = end + 2
            }
            return false
        }
    }
}

import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A message, surveyed for sending: its bytes are the message's own, never a copy. By DATA they leave with the dots at
/// the start of lines doubled (RFC 5321 §4.5.2), which is done block by block on the way out.
struct SMTPBody {
    let bytes: [UInt8]
    /// Whether an octet is beyond ASCII.
    let isEightBit: Bool
    let endsLine: Bool
    private let hasDots: Bool

    /// The message's size as RFC 1870 §5 counts it: without doubled dots and the final one.
    var size: Int { bytes.count }

    /// Throws for a lone CR or LF, which servers read in different ways, so that one mail could be taken for two.
    init(_ message: [UInt8]) throws(TransportError) {
        bytes = message
        endsLine = message.isEmpty || message.count >= 2 && message[message.count - 2] == 13 && message.last == 10
        let survey = message.withUnsafeBytes { Survey($0) }
        guard !survey.hasLoneEnding else {
            throw TransportError(
                .unsupported, "The message has a line that ends with a lone CR or LF. Write CRLF line endings.",
                isTransient: false)
        }
        isEightBit = survey.isEightBit
        hasDots = survey.hasDots
    }

    /// A block as it leaves by DATA: the message's own memory, unless a dot has to be doubled in it.
    func withStuffed<Result>(_ block: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { message in
            guard hasDots, let stuffed = Self.stuffed(message, block) else {
                return body(UnsafeRawBufferPointer(rebasing: message[block]))
            }
            return stuffed.withUnsafeBytes(body)
        }
    }

    private static func stuffed(_ message: UnsafeRawBufferPointer, _ block: Range<Int>) -> [UInt8]? {
        guard let begin = message.baseAddress, !block.isEmpty else { return nil }
        var stuffed: [UInt8] = []
        var copied = block.lowerBound
        func double(at dot: Int) {
            if stuffed.isEmpty { stuffed.reserveCapacity(block.count + 64) }
            stuffed.append(contentsOf: message[copied..<dot])
            stuffed.append(46)
            copied = dot
        }
        if message[copied] == 46, copied == 0 || message[copied - 1] == 10 { double(at: copied) }
        var at = block.lowerBound
        while let found = memchr(begin + at, 10, block.upperBound - at) {
            at = begin.distance(to: UnsafeRawPointer(found)) + 1
            if at < block.upperBound, message[at] == 46 { double(at: at) }
        }
        guard !stuffed.isEmpty else { return nil }
        stuffed.append(contentsOf: message[copied..<block.upperBound])
        return stuffed
    }

    private struct Survey {
        var hasLoneEnding = false
        var isEightBit = false
        /// Whether a line starts with a dot.
        var hasDots = false

        init(_ bytes: UnsafeRawBufferPointer) {
            let count = bytes.count
            guard count > 0, let begin = bytes.baseAddress else { return }
            if bytes[0] == 46 { hasDots = true }
            var at = 0
            var endings = 0
            while let found = memchr(begin + at, 10, count - at) {
                let feed = begin.distance(to: UnsafeRawPointer(found))
                if feed == 0 || bytes[feed - 1] != 13 { hasLoneEnding = true }
                endings += 1
                at = feed + 1
                if at < count, bytes[at] == 46 { hasDots = true }
            }
            // Every LF follows a CR, so a lone CR shows as one CR too many.
            if countReturns(bytes) != endings { hasLoneEnding = true }
        }

        /// Counts the CRs, eight octets at a time, and sees whether all octets are ASCII.
        private mutating func countReturns(_ bytes: UnsafeRawBufferPointer) -> Int {
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            let returns: UInt64 = 0x0D0D_0D0D_0D0D_0D0D
            let words = bytes.count & ~7
            var count = 0
            var bits: UInt64 = 0
            for offset in stride(from: 0, to: words, by: 8) {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                bits |= word
                // The high bit of each octet of `others` is set unless that octet is a CR.
                let difference = word ^ returns
                let others = ((difference & low) &+ low) | difference
                count &+= (~others & ~low).nonzeroBitCount
            }
            for offset in words..<bytes.count {
                bits |= UInt64(bytes[offset])
                if bytes[offset] == 13 { count += 1 }
            }
            isEightBit = bits & ~low != 0
            return count
        }
    }
}

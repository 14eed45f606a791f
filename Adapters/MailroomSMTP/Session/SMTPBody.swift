import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A message as it goes over the wire before the final dot: dots at the start of lines are doubled (RFC 5321 §4.5.2).
///
/// The bytes are the message's own, not a copy, when no line starts with a dot.
struct SMTPBody {
    let bytes: [UInt8]
    /// The message's size as RFC 1870 §5 counts it: without the doubled dots and the final one.
    let size: Int
    /// Whether an octet is beyond ASCII.
    let isEightBit: Bool
    let endsLine: Bool

    /// Throws for a lone CR or LF, which servers read in different ways, so that one mail could be taken for two.
    init(_ message: [UInt8]) throws(TransportError) {
        size = message.count
        endsLine = message.isEmpty || message.count >= 2 && message[message.count - 2] == 13 && message.last == 10
        let survey = message.withUnsafeBytes { Survey($0) }
        guard !survey.hasLoneEnding else {
            throw TransportError(
                .unsupported, "The message has a line that ends with a lone CR or LF. Write CRLF line endings.",
                isTransient: false)
        }
        isEightBit = survey.isEightBit
        guard survey.dots > 0 else {
            bytes = message
            return
        }
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(message.count + survey.dots)
        var copied = 0
        for index in message.indices where message[index] == 46 && (index == 0 || message[index - 1] == 10) {
            stuffed.append(contentsOf: message[copied..<index])
            stuffed.append(46)
            copied = index
        }
        stuffed.append(contentsOf: message[copied...])
        bytes = stuffed
    }

    private struct Survey {
        var hasLoneEnding = false
        var isEightBit = false
        /// How many lines start with a dot.
        var dots = 0

        init(_ bytes: UnsafeRawBufferPointer) {
            let count = bytes.count
            guard count > 0, let begin = bytes.baseAddress else { return }
            if bytes[0] == 46 { dots += 1 }
            var at = 0
            var endings = 0
            while let found = memchr(begin + at, 10, count - at) {
                let feed = begin.distance(to: UnsafeRawPointer(found))
                if feed == 0 || bytes[feed - 1] != 13 { hasLoneEnding = true }
                endings += 1
                at = feed + 1
                if at < count, bytes[at] == 46 { dots += 1 }
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

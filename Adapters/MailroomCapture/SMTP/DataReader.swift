#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads the octets after DATA up to CRLF.CRLF, the only thing that ends them, and undoes dot-stuffing
/// (RFC 5321, 4.5.2).
///
/// A line feed or carriage return alone is an octet like any other, so no other reader's idea of a line end can hide
/// commands in a message. Only dots are looked at, by `memchr`; everything between them is copied in one piece.
struct DataReader {
    private enum State {
        /// In the text; what came before is known by the two flags.
        case text
        /// After a dot at the beginning of a line, which has not been stored.
        case dot
        /// After such a dot and a carriage return.
        case dotReturn
    }

    /// What has been read, without stuffed dots and without the ending dot's line.
    private(set) var content: LimitedContent
    private var state = State.text
    private var isAtLineStart = true
    private var followsReturn = false

    init(_ content: LimitedContent) { self.content = content }

    /// Reads on.
    /// - Returns: how many octets belonged to the message, its ending included, once it has ended; nil before.
    mutating func read(_ input: UnsafeRawBufferPointer) -> Int? {
        // Where the part begins that is not stored yet, and where to look for the next dot.
        var kept = 0
        var position = 0
        while position < input.count || state != .text {
            switch state {
            case .dot:
                guard position < input.count else { return nil }
                if input[position] == 13 {
                    state = .dotReturn
                    position += 1
                } else {
                    // A stuffed dot: the line goes on after it.
                    state = .text
                    kept = position
                    isAtLineStart = false
                    followsReturn = false
                }
            case .dotReturn:
                guard position < input.count else { return nil }
                if input[position] == 10 { return position + 1 }
                // Not the end: a line that begins with the carriage return after the dot.
                content.append(13)
                state = .text
                kept = position
                isAtLineStart = false
                followsReturn = true
            case .text:
                guard let base = input.baseAddress, let found = memchr(base + position, 0x2E, input.count - position)
                else {
                    position = input.count
                    break
                }
                let dot = UnsafeRawPointer(found) - base
                if beginsLine(dot, in: input, from: kept) {
                    content.append(UnsafeRawBufferPointer(rebasing: input[kept..<dot]))
                    state = .dot
                    kept = dot + 1
                }
                position = dot + 1
            }
        }
        remember(UnsafeRawBufferPointer(rebasing: input[kept...]))
        content.append(UnsafeRawBufferPointer(rebasing: input[kept...]))
        return nil
    }

    /// Whether CRLF, or nothing at all, stands before the place; `kept` is where what was looked at before ends.
    private func beginsLine(_ place: Int, in input: UnsafeRawBufferPointer, from kept: Int) -> Bool {
        switch place - kept {
        case 0: isAtLineStart
        case 1: input[place - 1] == 10 && followsReturn
        default: input[place - 1] == 10 && input[place - 2] == 13
        }
    }

    /// Notes how the part ends that is stored last.
    private mutating func remember(_ part: UnsafeRawBufferPointer) {
        guard let last = part.last else { return }
        isAtLineStart = last == 10 && (part.count > 1 ? part[part.count - 2] == 13 : followsReturn)
        followsReturn = last == 13
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension DKIMCanonicalization.Form {
    /// Gives a body as it is signed (RFC 6376 §3.4.3 and §3.4.4), piece by piece.
    ///
    /// Pieces of the body itself are given where they are long, so that an attachment is not copied; what lies between
    /// many blanks is gathered in blocks first. By pointers, since megabytes pass through here.
    func feed(
        body: UnsafeRawBufferPointer, blockSize: Int = 16_384, to take: (UnsafeRawBufferPointer) -> Void
    ) {
        var end = body.count
        while true {
            if self == .relaxed { while end > 0, isBlank(body[end - 1]) { end -= 1 } }
            guard end >= 2, body[end - 1] == 10, body[end - 2] == 13 else { break }
            end -= 2
        }
        // An empty body is an empty line in the simple form and nothing in the relaxed.
        if self == .relaxed, end == 0 { return }
        let content = UnsafeRawBufferPointer(rebasing: body[..<end])
        withoutActuallyEscaping(take) { take in
            withUnsafeTemporaryAllocation(byteCount: blockSize, alignment: 16) { room in
                var block = Block(room: room, take: take)
                if self == .simple { block.append(content) } else { Self.reduce(content, into: &block) }
                withUnsafeBytes(of: (13, 10) as (UInt8, UInt8)) { block.append($0) }
                block.flush()
            }
        }
    }

    /// Makes each run of blanks one space and drops those at the ends of lines. The content does not end in a blank.
    private static func reduce(_ content: UnsafeRawBufferPointer, into block: inout Block) {
        func next(_ byte: Int32, from start: Int) -> Int {
            guard start < content.count, let begin = content.baseAddress,
                let found = memchr(begin + start, byte, content.count - start)
            else { return content.count }
            return begin.distance(to: UnsafeRawPointer(found))
        }
        var at = 0
        var space = next(32, from: 0)
        var tab = next(9, from: 0)
        while at < content.count {
            let gap = min(space, tab)
            block.append(UnsafeRawBufferPointer(rebasing: content[at..<gap]))
            at = gap
            guard at < content.count else { return }
            while isBlank(content[at]) { at += 1 }
            let endsLine = content[at] == 13 && at + 1 < content.count && content[at + 1] == 10
            if !endsLine { block.appendSpace() }
            if space < at { space = next(32, from: at) }
            if tab < at { tab = next(9, from: at) }
        }
    }

    private struct Block {
        let room: UnsafeMutableRawBufferPointer
        let take: (UnsafeRawBufferPointer) -> Void
        var count = 0

        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            if bytes.count > room.count - count {
                flush()
                if bytes.count >= room.count {
                    take(bytes)
                    return
                }
            }
            UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: bytes)
            count += bytes.count
        }

        mutating func appendSpace() {
            if count == room.count { flush() }
            room[count] = 32
            count += 1
        }

        mutating func flush() {
            if count > 0 { take(UnsafeRawBufferPointer(rebasing: room[..<count])) }
            count = 0
        }
    }
}

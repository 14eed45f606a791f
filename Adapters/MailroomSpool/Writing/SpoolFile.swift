#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes one file in blocks, with LF for CRLF where the format asks for it.
struct SpoolFile {
    private static let blockSize = 65_536

    private let descriptor: Int32
    private let path: String
    private let convertsLines: Bool
    private var block: [UInt8] = []

    init(_ descriptor: Int32, _ path: String, convertsLines: Bool) {
        self.descriptor = descriptor
        self.path = path
        self.convertsLines = convertsLines
        block.reserveCapacity(Self.blockSize + 2)
    }

    mutating func append(_ bytes: [UInt8]) throws(SpoolError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if block.count >= Self.blockSize { try flush() }
            let room = rest.prefix(Self.blockSize - block.count)
            guard convertsLines, let carriage = room.firstIndex(of: 13) else {
                block.append(contentsOf: room)
                rest = rest[room.endIndex...]
                continue
            }
            let next = rest.index(after: carriage)
            let isLineEnd = next < rest.endIndex && rest[next] == 10
            block.append(contentsOf: rest[..<(isLineEnd ? carriage : next)])
            rest = rest[next...]
        }
    }

    /// Writes what is left and returns once the file is on the disk.
    mutating func finish() throws(SpoolError) {
        try flush()
        while true {
            #if canImport(Darwin)
                if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
            #else
                if fsync(descriptor) == 0 { return }
            #endif
            guard errno == EINTR else { throw SpoolError("cannot bring \(path) to the disk") }
        }
    }

    private mutating func flush() throws(SpoolError) {
        let failure = block.withUnsafeBytes { bytes -> SpoolError? in
            var done = 0
            while done < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    return SpoolError("cannot write \(path)")
                }
            }
            return nil
        }
        if let failure { throw failure }
        block.removeAll(keepingCapacity: true)
    }
}

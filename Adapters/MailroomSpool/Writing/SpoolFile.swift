import MailroomFiles

/// Writes one file in blocks, with LF for CRLF where the format asks for it.
struct SpoolFile {
    private static let blockSize = 65_536

    private let file: File
    private let convertsLines: Bool
    private var block: [UInt8] = []
    /// How many bytes stand in the file.
    private var written = 0

    init(_ file: File, convertsLines: Bool) {
        self.file = file
        self.convertsLines = convertsLines
        block.reserveCapacity(Self.blockSize + 2)
    }

    mutating func append(_ bytes: [UInt8]) throws(FileError) {
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
    mutating func finish() throws(FileError) {
        try flush()
        try file.sync()
    }

    private mutating func flush() throws(FileError) {
        try file.write(block, at: written)
        written += block.count
        block.removeAll(keepingCapacity: true)
    }
}

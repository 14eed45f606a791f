import MailroomFiles

/// The octets of a captured mail, in memory or on disk, unaltered. What is in the spill file gives its room back when
/// the last reference goes.
final class MailContent: Sendable {
    private enum Place: Sendable {
        case memory([UInt8])
        case spilled(SpillFile, [SpillFile.Extent])
        case maildir(MaildirEntry)
    }

    private let place: Place
    /// How many octets there are.
    let count: Int

    init(_ bytes: [UInt8]) {
        place = .memory(bytes)
        count = bytes.count
    }

    init(_ extents: [SpillFile.Extent], of file: SpillFile) {
        place = .spilled(file, extents)
        count = extents.reduce(0) { $0 + $1.count }
    }

    init(_ entry: MaildirEntry) {
        place = .maildir(entry)
        count = entry.count
    }

    deinit {
        if case .spilled(let file, let extents) = place { file.release(extents) }
    }

    /// How many of the octets are in memory.
    var memoryCount: Int { if case .memory(let bytes) = place { bytes.count } else { 0 } }

    /// How many of the octets are on the disk.
    var diskCount: Int { if case .memory = place { 0 } else { count } }

    /// The mail's place in a Maildir, where it is in one.
    var maildirEntry: MaildirEntry? { if case .maildir(let entry) = place { entry } else { nil } }

    /// All octets, or the first so many. Reads them from the disk where they are there.
    func read(first limit: Int = .max) throws(FileError) -> [UInt8] { try read(0..<min(limit, count)) }

    /// The octets of a range, as far as there are any. Reads them from the disk where they are there.
    func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        switch place {
        case .memory(let bytes): return range.count == bytes.count ? bytes : Array(bytes[range])
        case .maildir(let entry): return try entry.read(range)
        case .spilled(let file, let extents):
            var failure: FileError?
            let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
                do throws(FileError) {
                    try Self.read(range, of: extents, in: file, into: UnsafeMutableRawBufferPointer(buffer))
                    initialized = range.count
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return bytes
        }
    }

    /// Reads a range of the octets that the pieces hold in a row.
    private static func read(
        _ range: Range<Int>, of extents: [SpillFile.Extent], in file: SpillFile,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) {
        var start = 0
        for extent in extents where start < range.upperBound {
            let part = range.clamped(to: start..<start + extent.count)
            if !part.isEmpty {
                let place = part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound
                try file.read(
                    extent, from: part.lowerBound - start, into: UnsafeMutableRawBufferPointer(rebasing: buffer[place]))
            }
            start += extent.count
        }
    }
}

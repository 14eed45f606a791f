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
    func read(first limit: Int = .max) throws(FileError) -> [UInt8] {
        let wanted = min(limit, count)
        switch place {
        case .memory(let bytes): return wanted == bytes.count ? bytes : Array(bytes[..<wanted])
        case .maildir(let entry): return try entry.read(first: wanted)
        case .spilled(let file, let extents):
            var failure: FileError?
            let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
                do throws(FileError) {
                    for extent in extents where initialized < wanted {
                        let part = buffer[initialized..<min(wanted, initialized + extent.count)]
                        try file.read(
                            extent, from: 0,
                            into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: part)))
                        initialized += part.count
                    }
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return bytes
        }
    }
}

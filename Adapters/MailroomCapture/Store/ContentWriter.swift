import MailroomFiles

/// Takes in the octets of one mail as they arrive: in memory up to a size, beyond it in the spill file, so that a mail
/// that is being received never needs more memory than that size. For one thread.
final class ContentWriter {
    private let spill: SpillFile
    private let threshold: Int
    private var pending: [UInt8] = []
    private var extents: [SpillFile.Extent] = []
    /// How many octets were given.
    private(set) var count = 0
    /// Why octets could not be kept; those that follow are not kept either.
    private(set) var failure: FileError?

    /// - Parameters:
    ///   - threshold: how many octets stay in memory; a multiple of the disk's blocks, so that pieces lie in a row.
    ///   - expected: how many octets are said to come.
    init(spill: SpillFile, threshold: Int, expecting expected: Int = 0) {
        self.spill = spill
        self.threshold = max(threshold & ~(File.pageSize - 1), File.pageSize)
        pending.reserveCapacity(min(max(0, expected), self.threshold))
    }

    deinit { if !extents.isEmpty { spill.release(extents) } }

    /// Takes over octets.
    func append(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        guard failure == nil else { return }
        var rest = bytes
        while pending.count + rest.count > threshold {
            let part = min(rest.count, threshold - pending.count)
            pending.append(contentsOf: rest[..<part])
            rest = UnsafeRawBufferPointer(rebasing: rest[part...])
            guard writeOut() else { return }
        }
        pending.append(contentsOf: rest)
    }

    /// The mail's octets, unless ``failure`` says why not. The writer is empty then.
    func finish() -> MailContent {
        defer {
            (pending, extents) = ([], [])
            count = 0
        }
        if extents.isEmpty { return MailContent(pending) }
        _ = writeOut()
        return MailContent(extents, of: spill)
    }

    private func writeOut() -> Bool {
        guard !pending.isEmpty else { return true }
        do throws(FileError) {
            extents.append(
                try pending.withUnsafeBytes { bytes in
                    Result { () throws(FileError) in try spill.append(bytes) }
                }.get())
            pending.removeAll(keepingCapacity: true)
            return true
        } catch {
            failure = error
            pending = []
            return false
        }
    }
}

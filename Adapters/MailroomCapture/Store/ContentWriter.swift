import MailroomFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Takes in the octets of one mail as they arrive: in memory up to a size, beyond it in the spill file, so that a mail
/// that is being received never needs more memory than that size; no more than a page of it where all mails that are
/// being received have used up their room. For one thread.
final class ContentWriter {
    /// Room in the spill file is taken in pieces of so many octets at most.
    private static let pieceLimit = 256 << 10

    private let spill: SpillFile
    private let threshold: Int
    private let room: ReceivingRoom
    private let makeRoom: () -> Void
    private var pending: [UInt8] = []
    /// How many octets may be in memory now; what is more than a page is held of the room.
    private var allowance = File.pageSize
    private var extents: [SpillFile.Extent] = []
    /// How many octets the last extent has.
    private var filled = 0
    /// How many octets are on the disk.
    private var spilled = 0
    /// How many octets were given.
    private(set) var count = 0
    /// Why octets could not be kept; those that follow are not kept either.
    private(set) var failure: FileError?

    /// - Parameters:
    ///   - threshold: how many octets stay in memory; a multiple of the disk's blocks, so that pieces lie in a row.
    ///   - expected: how many octets are said to come.
    ///   - room: what all mails that are being received share.
    ///   - makeRoom: called after more was written to the disk.
    init(
        spill: SpillFile, threshold: Int, expecting expected: Int = 0, room: ReceivingRoom = ReceivingRoom(),
        makeRoom: @escaping () -> Void = {}
    ) {
        self.spill = spill
        self.threshold = max(threshold & ~(File.pageSize - 1), File.pageSize)
        self.room = room
        self.makeRoom = makeRoom
        let expected = min(max(0, expected), self.threshold)
        if expected > allowance { _ = enlarge(to: expected) } else { pending.reserveCapacity(expected) }
    }

    deinit { discard() }

    /// Takes over octets.
    func append(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        guard failure == nil else { return }
        var rest = bytes
        while pending.count + rest.count > allowance {
            let wanted = min(threshold, max(allowance * 4, pending.count + rest.count))
            if extents.isEmpty, allowance < threshold, enlarge(to: wanted) { continue }
            let part = min(rest.count, allowance - pending.count)
            pending.append(contentsOf: rest[..<part])
            rest = UnsafeRawBufferPointer(rebasing: rest[part...])
            do throws(FileError) { try writeOut() } catch { return fail(error) }
        }
        pending.append(contentsOf: rest)
    }

    /// The mail's octets; throws where they could not all be kept. The writer is empty then.
    func finish() throws(FileError) -> MailContent {
        defer { discard() }
        if let failure { throw failure }
        if extents.isEmpty { return MailContent(exactly(pending)) }
        do throws(FileError) { try writeOut() } catch {
            fail(error)
            throw error
        }
        let last = extents.removeLast()
        let content = MailContent(extents + [spill.shrink(last, to: filled)], of: spill)
        extents = []
        return content
    }

    /// Whether more memory may be used.
    private func enlarge(to size: Int) -> Bool {
        guard room.takeMemory(size - allowance) else { return false }
        allowance = size
        pending.reserveCapacity(size)
        return true
    }

    /// The octets without room for more, if that is much.
    private func exactly(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.capacity - bytes.count > 512 + bytes.count / 8 else { return bytes }
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: bytes)
        }
    }

    private func writeOut() throws(FileError) {
        guard !pending.isEmpty else { return }
        guard room.takeDisk(pending.count, beside: spilled) else {
            throw FileError("no room is left for the mails that are being received", code: ENOSPC)
        }
        spilled += pending.count
        var start = 0
        while start < pending.count {
            if extents.last.map({ $0.count == filled }) ?? true {
                extents.append(try spill.reserve(min(threshold, Self.pieceLimit)))
                filled = 0
            }
            let extent = extents[extents.count - 1]
            let part = start..<min(pending.count, start + extent.count - filled)
            try pending.withUnsafeBytes { bytes in
                Result { () throws(FileError) in
                    try spill.write(UnsafeRawBufferPointer(rebasing: bytes[part]), to: extent, at: filled)
                }
            }.get()
            filled += part.count
            start = part.upperBound
        }
        pending.removeAll(keepingCapacity: true)
        makeRoom()
    }

    private func fail(_ error: FileError) {
        failure = error
        discard()
    }

    /// Gives back everything that is held.
    private func discard() {
        if !extents.isEmpty { spill.release(extents) }
        room.give(memory: allowance - File.pageSize, disk: spilled)
        (pending, extents) = ([], [])
        (allowance, spilled, filled, count) = (File.pageSize, 0, 0, failure == nil ? 0 : count)
    }
}

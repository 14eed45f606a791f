import Mailroom
import MailroomFiles

extension Log {
    /// Makes the log end at its tail, where reading found bytes that are no record. With the lock held nobody is
    /// writing them: an interrupted write is cut, damage to what was acknowledged is an error.
    func cutTail() throws(BrokerError) {
        try checkTail()
        try before { () throws(FileError) in
            try segment.file.writeZeros(from: tail, to: try segment.file.size())
            try segment.file.sync()
        }
    }

    private func checkTail() throws(BrokerError) {
        if try isAcknowledgedBeyondTail() {
            throw BrokerError(
                .corrupt,
                "\(segment.file.path) is damaged at offset \(tail), before records that were acknowledged. Nothing was "
                    + "changed or skipped: restore the queue's folder from a copy, or stop its processes and run "
                    + "\"mailroom queue repair \(folder.path)\", which sets the damage aside and names what it held",
                mayHaveStored: false)
        }
    }

    /// Cuts what an interrupted write may have left behind a gap of zeros, and writes anew what stands after the
    /// watermark: an earlier process may have failed to bring it to the disk, and the system would not try again.
    /// With the lock held, once when the log is opened.
    func settleTail() throws(BrokerError) {
        let watermark = try sharedWatermark()
        let numbers = try before { () throws(FileError) in try folder.segments().numbers }
        if watermark > end || numbers.last ?? 0 > segment.number { try checkTail() }
        let size = try before { () throws(FileError) in try segment.file.size() }
        var offset = tail
        while offset < size {
            let bytes = try before { () throws(FileError) in
                try segment.file.bytes(min(1 << 20, size - offset), at: offset)
            }
            if bytes.isEmpty { break }
            if !Log.isZero(bytes) {
                try cutTail()
                break
            }
            offset += bytes.count
        }
        try secure()
    }

    /// With the lock held and everything read: sees to it that what others wrote to a segment, and may have failed to
    /// bring to the disk, comes there with the next sync. A file that was opened after their failure would not be told
    /// of it, and the system would not write a second time. Once a segment.
    func secure() throws(BrokerError) {
        guard secured != segment.number else { return }
        try rewriteUnsynced(after: try sharedWatermark())
        secured = segment.number
    }

    /// Writes anew what stands after the watermark.
    func rewriteUnsynced(after watermark: Position) throws(BrokerError) {
        guard watermark < end else { return }
        try before { () throws(FileError) in try rewrite(segment, to: tail, after: watermark) }
    }

    func rewrite(_ segment: Segment, to end: Int, after watermark: Position) throws(FileError) {
        let start = watermark.segment == segment.number ? Int(watermark.offset) : Segment.headerSize
        let end = min(end, try segment.file.size())
        guard watermark.segment <= segment.number, start < end else { return }
        try segment.file.write(try segment.file.bytes(end - start, at: start), at: start)
    }

    private static func isZero(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset + 8 <= buffer.count {
                if buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
                offset += 8
            }
            return buffer[offset...].allSatisfy { $0 == 0 }
        }
    }

    /// Whether anything says that the log had been on the disk beyond its tail: the watermark, a later segment, or a
    /// later record that was written when the place of the tail was synced already.
    private func isAcknowledgedBeyondTail() throws(BrokerError) -> Bool {
        if try sharedWatermark() > end { return true }
        let (numbers, rest) = try before { () throws(FileError) in
            // A file that was cut may end before the tail, where the checkpoint goes further.
            let size = max(0, try segment.file.size() - tail)
            return (try folder.segments().numbers, try segment.file.bytes(size, at: tail))
        }
        for number in numbers where number > segment.number {
            guard let later = try Segment.open(number, in: folder) else { continue }
            let bytes = try before { () throws(FileError) in
                // A segment is made ready before it is used; its first record is its first sign of life.
                try later.file.bytes(File.pageSize - Segment.headerSize, at: Segment.headerSize)
            }
            if !Log.isZero(bytes) { return true }
        }
        return rest.withUnsafeBytes { rest in
            var offset = 8
            while offset + RecordHead.size < rest.count {
                let bytes = UnsafeRawBufferPointer(rebasing: rest[offset...])
                let position = Position(segment: segment.number, offset: UInt32(tail + offset))
                if let head = RecordHead(bytes), head.synced > tail, head.isWhole(in: bytes, at: position) {
                    return true
                }
                offset += 8
            }
            return false
        }
    }
}

import Mailroom

/// The record of jobs that came in, made ready by the submitter, with what the machine is told of each.
///
/// Each job is its header and a block of content, which is read back by itself and so has a hash of its own:
/// 8 bytes of hash, the payload, and the digest and length of each attachment.
struct EncodedSubmissions: Sendable {
    let record: EncodedRecord
    /// Where each block of content stands in the record, its head included.
    private let blocks: [(offset: Int, length: Int)]
    private let headers: [Submission]
    private let digests: [[SHA256Digest]]
    let hasAttachments: Bool

    init(_ submissions: [Submission]) {
        var size = RecordHead.size + 16
        for submission in submissions { size += 320 + submission.payload.count + submission.attachments.count * 40 }
        var writer = ByteWriter(reserving: size)
        for _ in 0..<3 { writer.write(fixed: UInt64(0)) }
        var blocks: [(offset: Int, length: Int)] = []
        blocks.reserveCapacity(submissions.count)
        var headers: [Submission] = []
        headers.reserveCapacity(submissions.count)
        var digests: [[SHA256Digest]] = []
        digests.reserveCapacity(submissions.count)
        writer.write(submissions.count)
        for submission in submissions {
            let lengths = writer.bytes.count
            writer.write(fixed: UInt64(0))
            submission.encodeHeader(into: &writer)
            let block = writer.bytes.count
            ContentBlock.write(submission, to: &writer)
            let end = writer.bytes.count
            writer.bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(
                    of: UInt32(block - lengths - 8).littleEndian, toByteOffset: lengths, as: UInt32.self)
                bytes.storeBytes(of: UInt32(end - block).littleEndian, toByteOffset: lengths + 4, as: UInt32.self)
            }
            blocks.append((block, end - block))
            var header = submission
            header.payload = []
            header.attachments = []
            headers.append(header)
            digests.append(submission.attachments.isEmpty ? [] : submission.attachments.map(\.digest))
        }
        record = EncodedRecord(.enqueued, headed: writer.bytes)
        self.blocks = blocks
        self.headers = headers
        self.digests = digests
        hasAttachments = digests.contains { !$0.isEmpty }
    }

    /// The jobs as the machine is told of them, once the record's place is known.
    func arrivals(at position: Position) -> [QueueMachine.Arrival] {
        headers.indices.map { index in
            QueueMachine.Arrival(
                header: headers[index],
                content: .stored(
                    segment: position.segment, offset: position.offset + UInt32(blocks[index].offset),
                    length: UInt32(blocks[index].length)),
                digests: digests[index])
        }
    }

    /// The jobs of a record that was read.
    static func arrivals(in record: StoredRecord) throws(ByteReader.Malformed) -> [QueueMachine.Arrival] {
        let base = Int(record.position.offset) + RecordHead.size
        let start = record.bytes.startIndex
        var reader = ByteReader(record.bytes)
        return try reader.list { reader throws(ByteReader.Malformed) in
            _ = try reader.fixed32()
            let length = try reader.fixed32()
            let header = try Submission(header: &reader)
            let offset = base + reader.rest.startIndex - start
            let digests = try ContentBlock.digests(&reader, length: Int(length))
            return QueueMachine.Arrival(
                header: header,
                content: .stored(
                    segment: record.position.segment, offset: UInt32(offset), length: length),
                digests: digests)
        }
    }
}

extension EncodedSubmissions {
    /// The most bytes that these jobs may take in the log, with attachments of which none is stored yet.
    func room(with submissions: [Submission]) -> Int {
        guard hasAttachments else { return record.space }
        var counted: Set<SHA256Digest> = []
        var room = record.space
        for submission in submissions {
            for content in submission.attachments where counted.insert(content.digest).inserted {
                room += RecordHead.space(forPayload: 32 + content.bytes.count)
            }
        }
        return room
    }
}

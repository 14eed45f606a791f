import Mailroom

/// The record of jobs that came in, made ready by the submitter, with what the table is told of each.
struct EncodedArrivals: Sendable {
    let record: EncodedRecord
    let arrivals: [JobArrival]
    /// Where each job's details stand in the record, its head included.
    private let offsets: [Int]
    let queues: [QueueName]

    init(_ submissions: [Submission]) {
        var size = RecordHead.size + 16
        for submission in submissions { size += 400 + submission.payload.count + submission.attachments.count * 32 }
        var writer = ByteWriter(reserving: size)
        for _ in 0..<3 { writer.write(fixed: UInt64(0)) }
        var arrivals: [JobArrival] = []
        arrivals.reserveCapacity(submissions.count)
        var offsets: [Int] = []
        offsets.reserveCapacity(submissions.count)
        writer.write(submissions.count)
        for submission in submissions {
            var arrival = JobArrival(submission)
            let lengths = writer.bytes.count
            writer.write(arrival)
            writer.write(submission.queue.rawValue)
            let details = writer.bytes.count
            DetailsBlock.write(submission, to: &writer)
            let content = writer.bytes.count
            ContentBlock.write(submission.payload, to: &writer)
            arrival.length = UInt32(content - details)
            arrival.contentLength = UInt32(writer.bytes.count - content)
            writer.bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: arrival.length.littleEndian, toByteOffset: lengths, as: UInt32.self)
                bytes.storeBytes(of: arrival.contentLength.littleEndian, toByteOffset: lengths + 4, as: UInt32.self)
            }
            arrivals.append(arrival)
            offsets.append(details)
        }
        record = EncodedRecord(.enqueued, headed: writer.bytes)
        self.arrivals = arrivals
        self.offsets = offsets
        queues = submissions.map(\.queue)
    }

    /// A job as the table is told of it, once the record's place is known.
    func arrival(_ index: Int, at position: Position) -> JobArrival {
        var arrival = arrivals[index]
        arrival.segment = position.segment
        arrival.offset = position.offset + UInt32(offsets[index])
        return arrival
    }

    /// The most bytes that these jobs may take in the log, with attachments of which none is stored yet.
    static func room(_ record: EncodedRecord, _ submissions: [Submission]) -> Int {
        var counted: Set<SHA256Digest> = []
        var room = record.space
        for submission in submissions {
            for content in submission.attachments where counted.insert(content.digest).inserted {
                room += RecordHead.space(forPayload: 32 + content.bytes.count)
            }
        }
        return room
    }

    /// Hands each job of a record that was read to a body, with its details' digests.
    static func visit(
        _ record: StoredRecord, _ body: (JobArrival, QueueName, [SHA256Digest]) -> Void
    ) throws(ByteReader.Malformed) {
        var reader = ByteReader(record.bytes)
        var queue = QueueName.default
        for _ in 0..<(try reader.count()) {
            var arrival = try reader.arrival()
            try reader.queue(&queue)
            arrival.segment = record.position.segment
            arrival.offset = record.offset(of: reader.rest.startIndex)
            let block = try reader.slice(Int(arrival.length))
            _ = try reader.slice(Int(arrival.contentLength))
            body(arrival, queue, try DetailsBlock.digests(in: block))
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ arrival: JobArrival) {
        write(fixed: arrival.length)
        write(fixed: arrival.contentLength)
        write(arrival.id)
        write(fixed: arrival.createdAt)
        write(fixed: arrival.due)
        write(fixed: arrival.expires)
        write(fixed: arrival.keyHash)
        write(fixed: arrival.filter)
    }
}

extension ByteReader {
    fileprivate mutating func arrival() throws(Malformed) -> JobArrival {
        let (length, contentLength) = (try fixed32(), try fixed32())
        var arrival = JobArrival(
            id: try job(), createdAt: try fixedSigned(), due: try fixedSigned(), expires: try fixedSigned(),
            keyHash: try fixed32(), filter: try fixed32())
        arrival.length = length
        arrival.contentLength = contentLength
        return arrival
    }

    /// Reads a queue's name, which is usually the one before.
    mutating func queue(_ queue: inout QueueName) throws(Malformed) {
        let name = try slice()
        if !name.elementsEqual(queue.rawValue.utf8) { queue = QueueName(String(decoding: name, as: UTF8.self)) }
    }
}

extension StoredRecord {
    /// Where something of the payload stands in its segment.
    func offset(of index: Int) -> UInt32 {
        position.offset + UInt32(RecordHead.size + index - bytes.startIndex)
    }
}

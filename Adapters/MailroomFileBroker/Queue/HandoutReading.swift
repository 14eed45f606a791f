import Mailroom

/// Reads jobs that were handed out: their details and payloads. Attachments are left to whoever knows where they stand.
struct HandoutReading {
    private let layout: FolderLayout
    private var ahead: ReadAhead

    /// A job that was read.
    struct Job: Sendable {
        var lease: Lease
        var memory: LeaseMemory.Job
        /// Of the attachments that are still to be read.
        var digests: [SHA256Digest]
    }

    init(_ layout: FolderLayout, _ readers: SegmentReaders) {
        self.layout = layout
        ahead = ReadAhead(readers)
    }

    /// Reads all of them, each with its own outcome.
    mutating func read(_ handouts: [Handout]) -> [Result<Job, BrokerError>] {
        var jobs: [Result<Job, BrokerError>] = []
        jobs.reserveCapacity(handouts.count)
        for (index, handout) in handouts.enumerated() {
            ahead.begin(handouts, at: index)
            jobs.append(Result { () throws(BrokerError) in try read(handout) })
        }
        return jobs
    }

    private func read(_ handout: Handout) throws(BrokerError) -> Job {
        let entry = handout.entry
        let bytes = try ahead.bytes(segment: entry.segment, offset: Int(entry.offset), count: entry.pieceLength)
        guard let (details, header) = DetailsBlock.read(bytes.prefix(Int(entry.length)), of: entry) else {
            throw damaged("record", entry.segment, entry.offset)
        }
        var job = Job(
            lease: details.lease(handout.lease, entry),
            memory: LeaseMemory.Job(details: details, slot: handout.slot, entry: entry, header: Array(header)),
            digests: [])
        if case .stored(let segment, let offset, let length, let digests) = details.content {
            let isNext = segment == entry.segment && offset == entry.offset + entry.length
            let content =
                isNext
                ? bytes.dropFirst(Int(entry.length))
                : try ahead.bytes(segment: segment, offset: Int(offset), count: Int(length))
            guard let payload = ContentBlock.payload(content) else { throw damaged("content", segment, offset) }
            job.lease.submission.payload = payload
            job.digests = digests
        }
        return job
    }

    private func damaged(_ what: String, _ segment: UInt32, _ offset: UInt32) -> BrokerError {
        BrokerError(
            .corrupt,
            "its \(what) in \(layout.segmentPath(segment)) at offset \(offset) is damaged: restore the queue's folder "
                + "from a copy, or submit the message again",
            mayHaveStored: false)
    }
}

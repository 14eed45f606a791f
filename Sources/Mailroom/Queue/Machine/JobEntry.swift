/// What a table knows of a job without reading its details: 80 bytes that are stored as they are.
package struct JobEntry: BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64
    /// Counts arrivals: entries stand in this order.
    package var number: UInt64
    /// When it is due, in milliseconds, while it is not settled; then when it was settled.
    package var time: Int64
    /// Tells its present place in line from earlier ones, while it is not settled; then until when its idempotency key
    /// lives, in milliseconds.
    package var sequence: UInt64
    /// When it is given up, in milliseconds.
    package var expires: Int64
    /// Where its details are, as the store understands it.
    package var segment: UInt32
    package var offset: UInt32
    /// The bytes that its details, and its content, take in the store.
    package var length: UInt32
    package var contentLength: UInt32
    /// Of its idempotency key; 0 without one.
    package var keyHash: UInt32
    /// A bit for each tag and recipient: a job without the bit of what is looked for need not be read.
    package var filter: UInt32
    package var lane: UInt16
    package var attempts: UInt16
    /// Attempts since the last settlement that ended with their worker.
    package var lostAttempts: UInt8
    private var stateByte: UInt8
    package var flags: Flags
    private var spare: UInt8 = 0

    package struct Flags: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// An attempt may have delivered it without anyone having recorded so.
        package static let mayHaveBeenSent = Flags(rawValue: 1)
        /// A person has made it ready again.
        package static let isRevived = Flags(rawValue: 2)
        /// Its payload and attachments are there.
        package static let hasContent = Flags(rawValue: 4)
        /// Its lease has ended by this process' clock, so it stands in line again. Only a later grant takes the job
        /// from its holder: clocks differ between processes, records do not.
        package static let isOffered = Flags(rawValue: 16)
        /// Its place in line is in the sorted part of its lane, not in the heap.
        package static let isInOrder = Flags(rawValue: 32)
        package static let isRemoved = Flags(rawValue: 64)
        /// Those that belong to the job, not to one process' view of it.
        package static let stored: Flags = [.mayHaveBeenSent, .isRevived, .hasContent]
    }

    package init(_ arrival: JobArrival, lane: UInt16, sequence: UInt64) {
        high = arrival.id.high
        low = arrival.id.low
        number = 0
        time = arrival.due
        self.sequence = sequence
        expires = arrival.expires
        segment = arrival.segment
        offset = arrival.offset
        length = arrival.length
        contentLength = arrival.contentLength
        keyHash = arrival.keyHash
        filter = arrival.filter
        self.lane = lane
        attempts = 0
        lostAttempts = 0
        stateByte = 0
        flags = .hasContent
        state = arrival.due > arrival.createdAt ? .scheduled : .ready
    }

    package var id: JobID { JobID(high: high, low: low) }

    package var state: JobState {
        // Only this type writes the byte, but it may come from a file; a checksum has been over it.
        get { JobState(rawValue: stateByte) ?? .held }
        set { stateByte = newValue.rawValue }
    }

    package var isRemoved: Bool { flags.contains(.isRemoved) }

    /// The bytes that the job keeps alive in its store.
    var liveBytes: Int { isRemoved ? 0 : Int(length) + (flags.contains(.hasContent) ? Int(contentLength) : 0) }
}

/// What a table is told of a job that comes in. Times are milliseconds since 1970.
package struct JobArrival: Sendable {
    package var id: JobID
    package var createdAt: Int64
    package var due: Int64
    package var expires: Int64
    package var keyHash: UInt32
    package var filter: UInt32
    package var segment: UInt32 = 0
    package var offset: UInt32 = 0
    package var length: UInt32 = 0
    package var contentLength: UInt32 = 0

    package init(id: JobID, createdAt: Int64, due: Int64, expires: Int64, keyHash: UInt32, filter: UInt32) {
        self.id = id
        self.createdAt = createdAt
        self.due = due
        self.expires = expires
        self.keyHash = keyHash
        self.filter = filter
    }

    /// What a submission comes in with.
    package init(_ submission: Submission) {
        var filter: UInt32 = 0
        for tag in submission.tags { filter |= JobFilter.bit(tag: tag.key, tag.value) }
        for recipient in submission.recipients { filter |= JobFilter.bit(recipient: recipient.address) }
        self.init(
            id: submission.id, createdAt: submission.createdAt.milliseconds,
            due: max(submission.notBefore, submission.createdAt).milliseconds,
            expires: submission.expiresAt.milliseconds,
            keyHash: submission.idempotency.map { JobFilter.hash(key: $0.key) } ?? 0, filter: filter)
    }
}

/// Small hashes by which jobs are passed over that cannot be meant.
package enum JobFilter {
    package static func bit(tag key: String, _ value: String) -> UInt32 {
        1 << UInt32(truncatingIfNeeded: (hash(key) &* 31 &+ hash(value)) & 31)
    }

    /// The same for every writing of an address that ``Recipient/hasAddress(_:)`` takes for one.
    package static func bit(recipient address: String) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in address.utf8 {
            hash = (hash ^ UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)) &* 0x100_0000_01B3
        }
        return 1 << UInt32(truncatingIfNeeded: (hash >> 32) & 31)
    }

    /// Never 0.
    package static func hash(key: String) -> UInt32 { max(1, UInt32(truncatingIfNeeded: hash(key) >> 32)) }

    private static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { Fingerprint(of: UnsafeRawBufferPointer($0)).rawValue }
    }
}

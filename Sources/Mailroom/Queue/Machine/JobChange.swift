/// What becomes of a job, as a table is told of it: the whole of what changes, so that applying it needs no decision.
/// Times are milliseconds since 1970.
package struct JobChange: Sendable {
    /// Where the job goes.
    package enum Next: Sendable {
        /// It stays where it is: only its details changed.
        case same
        /// It stands in line, due at a time.
        case waiting(due: Int64)
        /// It has come to an end; its key lives until a time.
        case settled(JobState, keyUntil: Int64)
    }

    package var job: JobID
    package var time: Int64
    /// What others are told; `nil` where only facts were added.
    package var event: JobEvent.Kind?
    package var next: Next
    package var expires: Int64
    package var attempts: UInt16
    package var lostAttempts: UInt8
    package var flags: JobEntry.Flags
    /// 0 where the key is given up.
    package var keyHash: UInt32
    /// Where its new details are.
    package var segment: UInt32 = 0
    package var offset: UInt32 = 0
    package var length: UInt32 = 0

    package init(
        job: JobID, time: Int64, event: JobEvent.Kind?, next: Next, expires: Int64,
        attempts: UInt16, lostAttempts: UInt8, flags: JobEntry.Flags, keyHash: UInt32
    ) {
        self.job = job
        self.time = time
        self.event = event
        self.next = next
        self.expires = expires
        self.attempts = attempts
        self.lostAttempts = lostAttempts
        self.flags = flags
        self.keyHash = keyHash
    }

    /// A change that leaves everything as it is.
    init(_ entry: JobEntry, at time: Int64, flags: JobEntry.Flags) {
        self.init(
            job: entry.id, time: time, event: nil, next: .same, expires: entry.expires,
            attempts: entry.attempts,
            lostAttempts: entry.lostAttempts, flags: flags, keyHash: entry.keyHash)
    }
}

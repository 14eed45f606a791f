import Mailroom

extension QueueReconstruction {
    /// What has to be written anew of a job, or said of it.
    struct Mend {
        var entry: JobEntry
        var queue: QueueName
        var details: JobDetails
        /// Its content, where that must be written anew.
        var content: [UInt8]?
        /// The state to be in.
        var next: JobChange.Next
        var flags: JobEntry.Flags
        /// Whether the whole records of the log tell of the job.
        var isKnown: Bool
        /// Attachments that it gives up.
        var dropped: [SHA256Digest] = []
        var outcome: String
        var loss: StoreProblem.Loss
        /// The damage that it comes from.
        var cause: Stretch?
    }
}

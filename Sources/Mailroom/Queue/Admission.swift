/// A broker's answer to one submission.
public enum Admission: Hashable, Sendable {
    /// Stored.
    case queued(JobID)
    /// Nothing new was stored: this job, of the same id or idempotency key, is there already.
    case duplicate(of: JobID)

    /// The job that stands for the submission.
    public var jobID: JobID {
        switch self {
        case .queued(let id), .duplicate(of: let id): id
        }
    }
}

public import Foundation

/// Failed jobs that have one cause.
public struct FailureCause: Hashable, Sendable {
    /// The cause as ``JobRecord/cause`` tells it; `nil` where no reason was recorded.
    public var cause: String?
    /// How many jobs have it.
    public var count: Int
    /// The one of them that failed last.
    public var example: JobID
    /// When that was.
    public var latest: Date
}

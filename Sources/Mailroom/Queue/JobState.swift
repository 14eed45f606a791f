/// Where a job stands.
public enum JobState: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// Due later: a countdown, a retry, a snooze.
    case scheduled
    /// Due: the next free worker takes it.
    case ready
    /// In a worker's hands.
    case leased
    /// Everyone has the message.
    case finished
    /// Nobody is owed the message any more and at least one recipient did not get it.
    case dead
    /// Waits for a person.
    case held

    /// Whether nothing happens to the job any more by itself.
    public var isSettled: Bool { self == .finished || self == .dead || self == .held }

    /// The state's name.
    public var description: String {
        switch self {
        case .scheduled: "scheduled"
        case .ready: "ready"
        case .leased: "leased"
        case .finished: "finished"
        case .dead: "dead"
        case .held: "held"
        }
    }
}

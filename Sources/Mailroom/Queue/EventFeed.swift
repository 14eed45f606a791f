public import Foundation

/// A broker that tells what happens to its jobs, by whichever process.
///
/// Events are written with the change they tell of, in its order. They are told at least once, and may be trimmed:
/// whoever reads too late is told of a gap, and asks ``SendRecords`` for the state of what it follows. Nothing is ever
/// reconstructed from events.
public protocol EventFeed: Broker {
    /// Where the feed ends now: what happens later comes after it.
    func latestEvent() async throws(BrokerError) -> EventCursor

    /// Events after a place, the oldest first, waiting up to a time for the first one. A cursor that this broker did
    /// not make, or one of a store that was made anew, is answered like one whose events were trimmed.
    func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch
}

/// A place in a broker's feed of events. Only the broker that made it understands it; it may be stored and given to
/// another process with the same broker.
public struct EventCursor: Hashable, Sendable, RawRepresentable {
    /// The place, as the broker writes it.
    public let rawValue: String

    /// A place.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Some events.
public struct EventBatch: Sendable {
    /// The events, the oldest first.
    public var events: [JobEvent]
    /// Where to go on.
    public var next: EventCursor
    /// Whether events between the cursor and the first of these were trimmed.
    public var hasGap: Bool

    /// A batch.
    public init(events: [JobEvent], next: EventCursor, hasGap: Bool = false) {
        self.events = events
        self.next = next
        self.hasGap = hasGap
    }
}

/// Something that happened to a job.
public struct JobEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        /// It came in.
        case submitted
        /// An attempt failed; there will be another.
        case retrying
        /// It waits because it was asked to.
        case snoozed
        /// A worker gave it back.
        case released
        /// Everyone has the message.
        case finished
        /// It was given up, by a worker, a person or its expiry.
        case dead
        /// It waits for a person.
        case held
        /// A person made it ready again.
        case revived
        /// Its record was removed.
        case removed

        /// The kind's name.
        public var description: String {
            switch self {
            case .submitted: "submitted"
            case .retrying: "retrying"
            case .snoozed: "snoozed"
            case .released: "released"
            case .finished: "finished"
            case .dead: "dead"
            case .held: "held"
            case .revived: "revived"
            case .removed: "removed"
            }
        }
    }

    /// The job.
    public var job: JobID
    /// What happened to it.
    public var kind: Kind
    /// When, by the clock of whoever did it; to the millisecond.
    public var time: Date

    /// An event.
    public init(job: JobID, kind: Kind, time: Date) {
        self.job = job
        self.kind = kind
        self.time = time
    }
}

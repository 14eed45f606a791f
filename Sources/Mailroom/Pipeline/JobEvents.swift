/// What happens to a broker's jobs, by whichever process, as a sequence without end.
///
/// Events come at least once and in order. Iterating ends when the task is cancelled. When the broker fails, the
/// iterator throws; asked again, it goes on where it was.
public struct JobEvents: AsyncSequence, Sendable {
    /// One step of the feed.
    public enum Element: Hashable, Sendable {
        /// Something happened to a job.
        case event(JobEvent)
        /// Events were trimmed before they were read: what follows is newer. Ask ``SendRecords`` for the state of the
        /// jobs that matter; nothing tells what happened in between.
        case gap
    }

    /// Reads the feed.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let feed: any EventFeed
        fileprivate var cursor: EventCursor?
        private var waiting: ArraySlice<JobEvent> = []

        fileprivate init(_ feed: any EventFeed, after cursor: EventCursor?) {
            self.feed = feed
            self.cursor = cursor
        }

        /// The next step; waits for it. `nil` when the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(BrokerError) -> Element? {
            do throws(BrokerError) {
                while true {
                    if let event = waiting.popFirst() { return .event(event) }
                    if Task.isCancelled { return nil }
                    guard let cursor else {
                        cursor = try await feed.latestEvent()
                        continue
                    }
                    let batch = try await feed.events(after: cursor, limit: 1000, wait: .seconds(60))
                    self.cursor = batch.next
                    waiting = batch.events[...]
                    if batch.hasGap { return .gap }
                }
            } catch {
                if error.code == .cancelled, Task.isCancelled { return nil }
                throw error
            }
        }
    }

    private let feed: any EventFeed
    private let cursor: EventCursor?

    init(_ feed: any EventFeed, after cursor: EventCursor?) {
        self.feed = feed
        self.cursor = cursor
    }

    /// Begins at the sequence's place.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(feed, after: cursor) }
}

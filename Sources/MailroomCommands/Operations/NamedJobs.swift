import Mailroom

/// The jobs that a command line names, and what can be done with them.
struct NamedJobs {
    /// What is done to jobs.
    struct Deed {
        /// Such as `retried`.
        var participle: String
        /// The states that a job may be in for it.
        var states: Set<JobState>
        /// Such as `only dead and held jobs are retried`.
        var rule: String
    }

    private let ids: [JobID]
    private let deed: Deed
    private let broker: any BrokerAdministration
    private let console: Console

    /// Reads the ids. Refuses all where one is no id.
    init(
        _ words: [String], for deed: Deed, of broker: any BrokerAdministration, on console: Console
    ) throws(UsageError) {
        self.ids = try Self.ids(words)
        self.deed = deed
        self.broker = broker
        self.console = console
    }

    static func ids(_ words: [String]) throws(UsageError) -> [JobID] {
        var ids: [JobID] = []
        var malformed: [String] = []
        var seen: Set<JobID> = []
        for word in words {
            guard let id = JobID(word) else {
                malformed.append("\"\(Console.printable(word))\"")
                continue
            }
            if seen.insert(id).inserted { ids.append(id) }
        }
        guard malformed.isEmpty else {
            throw UsageError(
                "\(malformed.joined(separator: ", ")) \(malformed.count == 1 ? "is no job id" : "are no job ids"): an id "
                    + "has 26 letters and digits, as failed and sends show it")
        }
        return ids
    }

    /// Those that it can be done to. Says which it cannot be done to, and why.
    func fit() async throws -> [JobID] {
        guard let records = broker as? any SendRecords else { return ids }
        var fit: [JobID] = []
        for batch in ids.batches {
            for (id, record) in zip(batch, try await records.records(of: batch)) {
                if let record, deed.states.contains(record.state) {
                    fit.append(id)
                } else {
                    console.error(record.map { "\(id) is \($0.state): \(deed.rule)" } ?? "\(id) is unknown")
                }
            }
        }
        return fit
    }

    /// Does it to those that are fit. Answers the exit status.
    func act(on fit: [JobID], _ action: ([JobID]) async throws -> [JobID]) async throws -> Int32 {
        var count = 0
        for batch in fit.batches {
            let done = Set(try await action(batch))
            count += done.count
            for id in batch where !done.contains(id) {
                console.error("\(id) was not \(deed.participle): its content is gone, or its state has just changed")
            }
        }
        console.line("\(Wording.jobs(count)) \(deed.participle)")
        return status(done: count)
    }

    /// 0 where it was done to all that were named.
    func status(done count: Int) -> Int32 { count == ids.count ? 0 : 1 }
}

extension [JobID] {
    /// A thousand at a time.
    fileprivate var batches: [[JobID]] {
        stride(from: 0, to: count, by: 1000).map { Array(self[$0..<Swift.min($0 + 1000, count)]) }
    }
}

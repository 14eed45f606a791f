import Mailroom

/// Which jobs to look for, and where.
struct JobSearch {
    var states: Set<JobState> = []
    var queues: [QueueName] = []
    var tags: [String: String] = [:]
    var recipient: String?
    var status: RecipientRecord.Status?
    /// The number that found jobs are below; an opening parenthesis leaves that number itself out.
    var start = "+inf"

    /// How many jobs the script looks at in one step.
    static let step = 1000
    /// How many steps make a page at most.
    static let rounds = 16

    static func digits(_ states: Set<JobState>) -> String { states.map { String($0.rawValue) }.sorted().joined() }

    /// The sorted set that holds all that can match, and as little else as possible.
    private var source: String {
        if let tag = StoredJob.tags(tags).first { return "t:\(tag)" }
        return !states.isEmpty && states.isSubset(of: [.dead, .held]) ? "x" : "a"
    }

    /// Appends the script's arguments.
    func write(limit: Int, answering what: String, to arguments: inout RESPWriter) {
        arguments.write(source)
        arguments.write(start)
        arguments.write(JobSearch.step)
        arguments.write(limit)
        arguments.write(JobSearch.digits(states))
        arguments.write((recipient ?? "").lowercasedASCII)
        arguments.write(status.map { String($0.rawValue) } ?? "")
        arguments.write(what)
        arguments.write(queues.count)
        for queue in queues { arguments.write(queue.rawValue) }
        for tag in StoredJob.tags(tags) { arguments.write(tag) }
    }
}

extension String {
    /// With the letters of ASCII in lower case, and nothing else changed.
    fileprivate var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// What a search found.
struct FoundJobs {
    var jobs: [[UInt8]]
    var now: Int64
    /// Where to go on; `nil` at the end.
    var next: String?

    func records() throws(BrokerError) -> [JobRecord] {
        var records: [JobRecord] = []
        for job in jobs { records.append(try StoredJob(job).record(at: now)) }
        return records
    }
}

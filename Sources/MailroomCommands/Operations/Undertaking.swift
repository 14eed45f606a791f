import Mailroom

/// Something that changes many jobs or takes them away: says what it would do, asks, does it, and tells.
struct Undertaking {
    let console: Console
    /// The broker, without credentials.
    let place: String
    let isDryRun: Bool
    private let isAgreed: Bool

    /// Refuses at once where a question would have to be asked and nobody is there to answer it.
    init(_ arguments: Arguments, in environment: CommandEnvironment) throws(UsageError) {
        console = environment.console
        place = environment.brokerName(arguments)
        isDryRun = arguments.has("dry-run")
        isAgreed = arguments.has("yes")
        guard isDryRun || isAgreed || console.readAnswer != nil else {
            throw UsageError(
                "it asks before it changes anything, and standard input is no terminal: add --yes to go ahead, or "
                    + "--dry-run to see what it would do")
        }
    }

    /// Does what `plan`, such as `Remove 3 dead jobs of queue urgent`, says, if that is what is wanted. Answers the exit status.
    func carryOut(
        _ plan: String, count: Int, warning: String = "",
        _ body: (ProgressLine?) async throws -> String?
    ) async throws -> Int32 {
        guard count > 0 else {
            console.line("there is nothing to do in \(place)")
            return 0
        }
        if isDryRun {
            console.line("\(plan) in \(place): not done, since this is a dry run")
            return 0
        }
        if !isAgreed {
            let question = "\(plan) in \(place)?\(warning.isEmpty ? "" : " \(warning)")"
            guard await console.confirms(question) else {
                console.line("nothing was done")
                return 1
            }
        }
        let progress = console.isTerminal ? ProgressLine(on: console, unit: "done") : nil
        let outcome = try await body(progress)
        progress?.end()
        if let outcome { console.line(outcome) }
        return 0
    }
}

/// Words for jobs.
enum Wording {
    /// `1 job`, `3 jobs`.
    static func jobs(_ count: Int, _ kind: String = "") -> String {
        "\(count) \(kind.isEmpty ? "" : "\(kind) ")\(count == 1 ? "job" : "jobs")"
    }

    /// `3 dead and 1 held jobs`, for what is there of these states.
    static func jobs(_ states: [JobState], in counts: [QueueCounts]) -> (text: String, count: Int) {
        let numbers = states.map { state in (state, counts.reduce(0) { $0 + $1[state] }) }.filter { $0.1 > 0 }
        let count = numbers.reduce(0) { $0 + $1.1 }
        let text = numbers.map { "\($0.1) \($0.0)" }.joined(separator: " and ")
        return ("\(text.isEmpty ? "0" : text) \(count == 1 ? "job" : "jobs")", count)
    }

    /// `of queue urgent`, `of all queues`.
    static func queues(_ queues: [QueueName]) -> String {
        switch queues.count {
        case 0: "of all queues"
        case 1: "of queue \(queues[0])"
        default: "of queues \(queues.map(\.rawValue).joined(separator: ", "))"
        }
    }
}

extension [QueueCounts] {
    /// Those of some queues in their order, also of queues without jobs; all where none is named.
    func of(_ queues: [QueueName]) -> [QueueCounts] {
        queues.isEmpty
            ? self : queues.map { queue in first { $0.queue == queue } ?? QueueCounts(queue: queue, jobs: [:]) }
    }
}

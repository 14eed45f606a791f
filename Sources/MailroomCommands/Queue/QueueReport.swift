import Mailroom
import Synchronization

extension StoreInspection {
    /// For people.
    var table: String {
        var lines = [
            "\(Console.printable(place)): \(problems.isEmpty ? "sound" : Self.count(problems.count, "problem"))"
        ]
        lines.append(
            "looked at " + measures.map { "\($0.count) \($0.name.replacing("_", with: " "))" }.joined(separator: ", "))
        let states = JobState.allCases.compactMap { state in jobs[state].map { "\($0) \(state)" } }
        if !states.isEmpty { lines.append("jobs: " + states.joined(separator: ", ")) }
        for problem in problems {
            lines.append("")
            var place = Console.printable(problem.file)
            if let offset = problem.offset { place += " at offset \(offset)" }
            if let length = problem.length { place += ", \(length) bytes" }
            lines.append("\(place): \(Console.printable(problem.meaning))")
            switch problem.loss {
            case .none: lines.append("  nothing that was acknowledged is lost")
            case .perhaps: lines.append("  something that was acknowledged may be lost")
            case .certain: lines.append("  something that was acknowledged is lost")
            }
            for job in problem.jobs { lines.append("  job \(job)") }
            lines.append("  what to do: \(Console.printable(problem.remedy))")
        }
        if !notes.isEmpty { lines.append("") }
        for note in notes { lines.append("note: \(Console.printable(note))") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// For programs: a line for the queue, then one for each problem and note.
    var json: String {
        let numbers = measures.map { "\(Listing.quoted($0.name)):\($0.count)" }
        let states = JobState.allCases.map { "\(Listing.quoted($0.description)):\(jobs[$0] ?? 0)" }
        var lines = [
            "{\"queue\":\(Listing.quoted(place)),\"sound\":\(problems.isEmpty),\(numbers.joined(separator: ",")),"
                + "\"states\":{\(states.joined(separator: ","))}}"
        ]
        for problem in problems {
            let jobs = problem.jobs.map { Listing.quoted($0.description) }.joined(separator: ",")
            lines.append(
                "{\"problem\":\(Listing.quoted(problem.meaning)),\"file\":\(Listing.quoted(problem.file)),"
                    + "\"offset\":\(problem.offset.map(String.init) ?? "null"),"
                    + "\"length\":\(problem.length.map(String.init) ?? "null"),"
                    + "\"acknowledged_lost\":\(Listing.quoted(problem.loss.rawValue)),\"jobs\":[\(jobs)],"
                    + "\"remedy\":\(Listing.quoted(problem.remedy))}")
        }
        for note in notes { lines.append("{\"note\":\(Listing.quoted(note))}") }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension StoreRepair {
    var text: String {
        var lines = deeds.map(Console.printable)
        for job in jobs { lines.append("job \(job.id) \(Console.printable(job.outcome))") }
        return (lines + ["repaired"]).map { $0 + "\n" }.joined()
    }

    var json: String {
        let deeds = deeds.map { "{\"done\":\(Listing.quoted($0))}\n" }
        let jobs = jobs.map {
            "{\"job\":\(Listing.quoted($0.id.description)),\"outcome\":\(Listing.quoted($0.outcome))}\n"
        }
        return (deeds + jobs).joined()
    }
}

/// How much of a store was read: shown on a terminal only.
final class ByteProgress: Sendable {
    private let console: Console
    private let shown = Mutex(-1)

    init(on console: Console) { self.console = console }

    func show(_ done: Int, of total: Int) {
        guard console.isTerminal, total > 0 else { return }
        let percent = min(100, done / max(1, total / 100))
        let isNews = shown.withLock { shown in
            defer { shown = percent }
            return shown != percent
        }
        if isNews { console.writeError("\r\(percent) % of \(total >> 20) MB\u{1B}[K") }
    }

    func end() {
        let wasShown = shown.withLock { shown in
            defer { shown = -1 }
            return shown >= 0
        }
        if wasShown { console.writeError("\r\u{1B}[K") }
    }
}

/// How many problems were shown.
final class Seen: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func note(_ count: Int) { value.withLock { $0 = count } }
}

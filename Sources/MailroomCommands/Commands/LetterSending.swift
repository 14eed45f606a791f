package import Mailroom

/// Submits the letters of a list in parts, and keeps account of what became of each.
///
/// A letter's idempotency key is made of all it says, so that the same command run again sends what is not queued yet.
package struct LetterSending {
    /// How many letters go into one call, and about how many octets of them.
    private static let partCount = 500
    private static let partSize = 8 << 20

    private let pipeline: Pipeline
    /// What the keys begin with; `nil` where a broker that is down is gone round: then nobody can know a key.
    private let prefix: String?
    private var parts: [[Message]] = []
    private var lastSize = 0
    private var keys: [String: Int] = [:]
    /// Rows that cannot be sent as they are.
    package private(set) var problems: [LetterList.Problem] = []

    /// The jobs that the broker keeps since now.
    package private(set) var queued: [JobID] = []
    /// The jobs of letters that were submitted before.
    package private(set) var known: [JobID] = []
    private var sentNow = 0
    private var notSent: [String] = []
    private var unconfirmed = 0
    private var notTried: (count: Int, reason: String)?

    /// The name tells this sending from others of the same letters.
    package init(by pipeline: Pipeline, named name: String) {
        self.pipeline = pipeline
        prefix = pipeline.fallback == .none ? "letters/\(name)/" : nil
    }

    /// Takes a letter in, or notes why not.
    package mutating func add(_ letter: LetterList.Letter) {
        let content: [UInt8]
        do throws(SubmissionError) {
            content = try pipeline.checked(letter.message).encodedContent()
        } catch {
            problems.append(.init(line: letter.line, reason: error.description))
            return
        }
        var message = letter.message
        if let prefix {
            let people = message.recipients.map(\.address).joined(separator: "\0")
            let key = prefix + "\(SHA256Digest(of: content + Array(people.utf8)))"
            // Two rows that say the same are two letters.
            let count = keys[key, default: 0]
            keys[key] = count + 1
            message.options.idempotencyKey = count == 0 ? key : key + "/\(count)"
        }
        if let last = parts.last, last.count < LetterSending.partCount, lastSize < LetterSending.partSize {
            parts[parts.count - 1].append(message)
            lastSize += content.count
        } else {
            parts.append([message])
            lastSize = content.count
        }
    }

    /// Submits part after part, up to one that the broker does not take or may not have taken.
    package mutating func submit() async {
        for (index, part) in parts.enumerated() {
            do throws(SubmissionError) {
                note(try await pipeline.submit(part))
            } catch {
                return leave(from: index, because: error.description)
            }
            if unconfirmed > 0 { return leave(from: index + 1, because: "the broker does not answer") }
        }
    }

    private mutating func leave(from index: Int, because reason: String) {
        let count = parts[index...].reduce(0) { $0 + $1.count }
        if count > 0 { notTried = (count, reason) }
    }

    private mutating func note(_ receipts: [Receipt]) {
        for receipt in receipts {
            switch receipt.outcome {
            case .queued: queued += receipt.jobs
            case .duplicate: known += receipt.jobs
            case .sentNow: sentNow += 1
            case .notSent(let error, _): notSent.append(error)
            case .unconfirmed: unconfirmed += 1
            }
        }
    }

    /// What is not on its way, a line a kind, and what to do about it.
    package var exceptions: [String] {
        var lines: [String] = []
        if sentNow > 0 { lines.append("the broker is down: \(sentNow) letters were delivered at once instead") }
        if let error = notSent.first { lines.append("\(notSent.count) letters were not sent: \(error)") }
        if unconfirmed > 0 { lines.append("\(unconfirmed) letters may or may not be queued") }
        if let notTried { lines.append("\(notTried.count) letters are not queued: \(notTried.reason)") }
        guard unconfirmed > 0 || notTried != nil else { return lines }
        lines.append(
            prefix == nil
                ? "running this again would send those twice that are on their way: look for them with sends first"
                : "when the broker works, run the same command again: it sends what is not queued yet, and nothing twice"
        )
        return lines
    }
}

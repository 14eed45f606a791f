import Foundation
import Mailroom
import MailroomFileBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process of this program that a test kills or stops: it submits to a queue or works on it, and puts down what it was
/// answered and what it delivered, each in a line, in a file that it only appends to.
enum DurabilityChild {
    /// The word by which this program is told to be one.
    static let word = "durability-child"

    static func run(_ words: [String]) async throws {
        guard words.count >= 3 else { throw BenchmarkError("\(word) takes what to do, a folder and a file") }
        let broker = FileBroker.file(words[1])
        let journal = Journal(words[2])
        switch words[0] {
        case "submit": try await submit(broker, journal)
        case "work": try await work(broker, journal)
        case "freeze": try await freeze(broker, journal)
        default: throw BenchmarkError("there is nothing called \(words[0])")
        }
        await broker.shutdown()
    }

    /// A line is one write, so that it is there wholly or not at all.
    struct Journal: Sendable {
        private let file: Int32

        init(_ path: String) { file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT, 0o600) }

        func note(_ line: String) {
            let bytes = Array((line + "\n").utf8)
            _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        }
    }

    /// Submits until it is killed; `A` is a job that was acknowledged.
    private static func submit(_ broker: FileBroker, _ journal: Journal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<3 {
                group.addTask {
                    var count = 0
                    while true {
                        count += 1
                        let payload = [UInt8](repeating: UInt8(lane), count: 100 + count % 7 * 500)
                        let admissions = try await broker.enqueue(
                            (0..<(1 + count % 2)).map { _ in QueueJob.submission(payload: payload) })
                        for admission in admissions { journal.note("A \(admission.jobID)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Works until it is killed; `D` is a delivery, `S` a settlement that was answered.
    private static func work(_ broker: FileBroker, _ journal: Journal) async throws {
        while true {
            let leases = try await broker.lease(LeaseRequest(limit: 4, wait: .seconds(60), worker: "w"))
            for lease in leases { journal.note("D \(lease.submission.id) \(lease.attempt)") }
            let results = try await broker.settle(leases.map(settlement))
            for (lease, result) in zip(leases, results) {
                guard case .settled(let state) = result, state.isSettled else { continue }
                journal.note("S \(lease.submission.id)")
            }
        }
    }

    /// How a delivery of a job ends: the same every time it is tried.
    static func settlement(_ lease: Lease) -> Settlement {
        let recipients = lease.submission.recipients
        switch lease.submission.id.low & 15 {
        case 0:
            return Settlement(
                lease.id, report: DeliveryReport(all: recipients, .refused), next: .dead, reason: "refused")
        case 1:
            return Settlement(
                lease.id, report: DeliveryReport(all: recipients, .unknown), next: .held, reason: "in doubt")
        case 2 where lease.attempt == 1:
            return Settlement(
                lease.id, report: DeliveryReport(all: recipients, .refusedForNow),
                next: .retry(notBefore: SystemTimeSource().now()), reason: "later")
        default:
            return Settlement(lease.id, report: DeliveryReport(all: recipients, .accepted), next: .finished)
        }
    }

    /// Delivers a job under a lease that is over soon, and settles it when a line comes in; `R` is the answer.
    private static func freeze(_ broker: FileBroker, _ journal: Journal) async throws {
        let leases = try await broker.lease(
            LeaseRequest(limit: 1, wait: .seconds(60), duration: .milliseconds(50), worker: "f"))
        for lease in leases { journal.note("D \(lease.submission.id) \(lease.attempt)") }
        _ = readLine()
        let lost = try await broker.extend(leases.map(\.id), by: .seconds(30))
        let results = try await broker.settle(
            leases.map {
                Settlement($0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted), next: .finished)
            })
        for (lease, result) in zip(leases, results) { journal.note("R \(lease.submission.id) \(result) \(lost.count)") }
    }
}

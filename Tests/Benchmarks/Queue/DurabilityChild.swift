import Foundation
import Mailroom
import MailroomFileBroker
import MailroomRedisBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process of this program that a test kills or stops: it submits to a queue or works on it, and puts down what it was
/// answered and what it delivered, each in a line, in a file that it only appends to.
struct DurabilityChild {
    /// The word by which this program is told to be one.
    static let word = "durability-child"

    private let broker: any Broker
    private let journal: Journal
    private let time: ShiftedTime
    /// How long its leases last.
    private let lease: Duration

    /// What to do, a queue and a file; then, where they are not the usual ones, for how many milliseconds to lease, and how
    /// many seconds its clock is ahead. A queue is a folder, or `redis:` and a port of this machine.
    static func run(_ words: [String]) async throws {
        guard words.count >= 3 else { throw BenchmarkError("\(word) takes what to do, a queue and a file") }
        func number(_ index: Int) -> Int? { words.count > index ? Int(words[index]) : nil }
        let time = ShiftedTime(seconds: Double(number(4) ?? 0))
        let child = DurabilityChild(
            broker: broker(words[1], time), journal: Journal(words[2]), time: time,
            lease: .milliseconds(number(3) ?? (words[0] == "freeze" ? 50 : 30_000)))
        switch words[0] {
        case "submit": try await child.submit()
        case "work": try await child.work()
        case "freeze": try await child.freeze()
        default: throw BenchmarkError("there is nothing called \(words[0])")
        }
        await child.broker.shutdown()
    }

    private static func broker(_ queue: String, _ time: ShiftedTime) -> any Broker {
        guard queue.hasPrefix("redis:"), let port = Int(queue.dropFirst(6)) else { return FileBroker.file(queue) }
        let configuration = RedisConfiguration(host: "127.0.0.1", port: port)
        return RedisBroker(configuration, time: time, isServerTimed: true)
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

    /// Asks until the queue answers: a server may be down meanwhile.
    private func answer<Value>(_ body: () async throws(BrokerError) -> Value) async throws(BrokerError) -> Value {
        while true {
            do throws(BrokerError) {
                return try await body()
            } catch {
                guard broker is RedisBroker, error.code == .unavailable else { throw error }
            }
        }
    }

    /// Submits until it is killed; `A` is a job that was acknowledged.
    private func submit() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<3 {
                group.addTask {
                    var count = 0
                    while true {
                        count += 1
                        let payload = [UInt8](repeating: UInt8(lane), count: 100 + count % 7 * 500)
                        let jobs = (0..<(1 + count % 2)).map { _ in
                            QueueJob.submission(payload: payload, at: time.now())
                        }
                        let admissions = try await answer { () async throws(BrokerError) in
                            try await broker.enqueue(jobs)
                        }
                        for admission in admissions { journal.note("A \(admission.jobID)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Works until it is killed; `D` is a delivery, `S` a settlement that was answered, and `L` one that came after its
    /// lease was lost, with the milliseconds since it was asked for: each with job, attempt and process.
    private func work() async throws {
        let request = LeaseRequest(limit: 4, wait: .seconds(60), duration: lease, worker: "w")
        let process = getpid()
        while true {
            let asked = time.uptime()
            let leases = try await answer { () async throws(BrokerError) in try await broker.lease(request) }
            for lease in leases { journal.note("D \(lease.submission.id) \(lease.attempt) \(process)") }
            let settlements = leases.map(settlement)
            let results = try await answer { () async throws(BrokerError) in try await broker.settle(settlements) }
            let took = time.uptime() - asked
            for (lease, result) in zip(leases, results) {
                let line = "\(lease.submission.id) \(lease.attempt) \(process)"
                switch result {
                case .settled(let state) where state.isSettled: journal.note("S \(line)")
                case .leaseLost: journal.note("L \(line) \(took / .milliseconds(1))")
                default: break
                }
            }
        }
    }

    /// How a delivery of a job ends: the same every time it is tried.
    private func settlement(_ lease: Lease) -> Settlement {
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
                next: .retry(notBefore: time.now()), reason: "later")
        default:
            return Settlement(lease.id, report: DeliveryReport(all: recipients, .accepted), next: .finished)
        }
    }

    /// Delivers a job under a lease that is over soon, and settles it when a line comes in; `R` is the answer.
    private func freeze() async throws {
        let leases = try await broker.lease(LeaseRequest(limit: 1, wait: .seconds(60), duration: lease, worker: "f"))
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

/// This machine's clocks, the one on the wall put forward.
struct ShiftedTime: TimeSource {
    let seconds: Double
    private let system = SystemTimeSource()

    init(seconds: Double) { self.seconds = seconds }

    func now() -> Date { system.now().addingTimeInterval(seconds) }
    func uptime() -> Duration { system.uptime() }
    func sleep(until deadline: Duration) async throws(CancellationError) { try await system.sleep(until: deadline) }
}

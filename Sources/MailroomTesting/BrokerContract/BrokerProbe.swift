import Foundation
import Mailroom
import Synchronization

/// Who the jobs of clauses go to.
let (ann, bob, cat) = ("ann@example.org", "bob@example.org", "cat@example.org")

/// Brokers under test, and what clauses do with them.
final class BrokerProbe: Sendable {
    struct NotApplicable: Error {}

    /// How long a call may take that ought to be answered at once.
    static let patience = Duration.seconds(10)

    let broker: any Broker
    let clock: ManualClock
    let clause: String
    let patience: Duration
    private let brokers: [any Broker]
    private let random = SeededRandom(seed: 5)
    /// The jobs in the order in which they were thought of: violations name them so.
    private let numbers = Mutex<[JobID: Int]>([:])
    let waiting = Mutex<[@Sendable () -> Void]>([])

    init(_ brokers: [any Broker], clock: ManualClock, clause: String, patience: Duration) {
        self.brokers = brokers
        broker = brokers[0]
        self.clock = clock
        self.clause = clause
        self.patience = patience
    }

    /// Ends the calls that nobody waits for any more.
    func giveUp() { for cancel in waiting.withLock({ $0 }) { cancel() } }

    // MARK: Abilities; a clause that needs one is passed over where it is missing

    var administration: any BrokerAdministration { get throws { try able(broker as? any BrokerAdministration) } }
    var records: any SendRecords { get throws { try able(broker as? any SendRecords) } }
    var feed: any EventFeed { get throws { try able(broker as? any EventFeed) } }
    /// Another broker on the same store.
    var second: any Broker { get throws { try able(brokers.count > 1 ? brokers[1] : nil) } }

    func able<Ability>(_ ability: Ability?) throws -> Ability {
        guard let ability else { throw NotApplicable() }
        return ability
    }

    // MARK: Submissions

    func submission(
        to addresses: [String] = [ann], queue: QueueName = .default, delay: Duration = .zero,
        expiresAfter: Duration = .seconds(86_400), key: String? = nil, content: UInt8 = 0, tags: [String: String] = [:]
    ) -> Submission {
        let now = clock.now()
        let id = JobID(at: now, random: random)
        numbers.withLock { $0[id] = $0.count + 1 }
        return Submission(
            id: id, queue: queue, messageID: "\(id)@example.org", recipients: addresses.map { .to($0) },
            createdAt: now, notBefore: after(delay), expiresAt: after(expiresAfter),
            idempotency: key.map { .init(key: $0, lifetime: .seconds(60), fingerprint: Fingerprint(of: [content])) },
            tags: tags, payload: [content, 1, 2])
    }

    func enqueue(_ submissions: Submission...) async throws -> [Admission] { try await broker.enqueue(submissions) }

    /// Submits what must be taken.
    @discardableResult
    func submit(_ submissions: [Submission], to other: (any Broker)? = nil) async throws -> [JobID] {
        let answers = try await (other ?? broker).enqueue(submissions)
        try requireEqual(answers, submissions.map { .queued($0.id) }, "the answer to new submissions")
        return submissions.map(\.id)
    }

    @discardableResult
    func submit(_ submissions: Submission...) async throws -> [JobID] { try await submit(submissions) }

    // MARK: Leases

    func lease(
        _ limit: Int = 10, from queues: [QueueName] = [.default], worker: String = "w",
        for time: Duration = .seconds(30)
    ) async throws -> [Lease] {
        try await broker.lease(LeaseRequest(queues: queues, limit: limit, duration: time, worker: worker))
    }

    func leaseOne(from queues: [QueueName] = [.default], _ moment: String = "") async throws -> Lease {
        let leases = try await lease(from: queues)
        try require(leases.count == 1, "\(leases.count) jobs were leased\(moment.isEmpty ? "" : " ")\(moment), not 1")
        return leases[0]
    }

    /// The next job in line.
    func leaseNext(worker: String = "w", for time: Duration = .seconds(30)) async throws -> Lease {
        let leases = try await lease(1, worker: worker, for: time)
        try require(leases.count == 1, "\(leases.count) jobs were leased, not 1")
        return leases[0]
    }

    func leaseExactly(_ count: Int, for time: Duration = .seconds(30)) async throws -> [Lease] {
        let leases = try await lease(count, for: time)
        try requireEqual(leases.count, count, "the number of jobs leased")
        return leases
    }

    func requireNoneDue(_ moment: String) async throws {
        let leases = try await lease()
        try require(leases.isEmpty, "\(names(leases.map(\.id.job))) was leased \(moment), which nobody was to get")
    }

    // MARK: Settlements

    func settlement(
        _ lease: Lease, _ next: Settlement.Next, _ outcomes: [String: RecipientOutcome.Status] = [:],
        reason: String? = nil, fingerprint: Fingerprint? = nil
    ) -> Settlement {
        let report = DeliveryReport(
            outcomes.sorted { $0.key < $1.key }.map { RecipientOutcome(recipient: $0.key, status: $0.value) })
        return Settlement(
            lease.id, report: outcomes.isEmpty ? nil : report, next: next, reason: reason, fingerprint: fingerprint)
    }

    @discardableResult
    func settle(
        _ lease: Lease, _ next: Settlement.Next, _ outcomes: [String: RecipientOutcome.Status] = [:],
        reason: String? = nil, fingerprint: Fingerprint? = nil
    ) async throws -> SettleResult {
        let settlement = settlement(lease, next, outcomes, reason: reason, fingerprint: fingerprint)
        return try await settle([settlement])[0]
    }

    func settle(_ settlements: [Settlement]) async throws -> [SettleResult] {
        let results = try await broker.settle(settlements)
        try requireEqual(results.count, settlements.count, "the number of answers to settlements")
        return results
    }

    /// Gives everyone of a job what is wanted and ends it so.
    func end(_ lease: Lease, as state: JobState) async throws {
        let (next, status): (Settlement.Next, RecipientOutcome.Status) =
            switch state {
            case .finished: (.finished, .accepted)
            case .held: (.held, .unknown)
            default: (.dead, .refused)
            }
        let outcomes = Dictionary(
            lease.submission.recipients.map { ($0.address, status) }, uniquingKeysWith: { first, _ in first })
        let result = try await settle(lease, next, outcomes, reason: "ended as \(state)")
        try requireEqual(result, .settled(state), "the answer to a settlement with \(next)")
    }

    /// A new job that is brought into a state, in a queue of its own unless said.
    func job(
        _ state: JobState, to addresses: [String] = [ann], queue: QueueName? = nil, key: String? = nil
    ) async throws -> JobID {
        let number = numbers.withLock { $0.count }
        let queue = queue ?? QueueName("\(state) \(number)")
        let submission = submission(to: addresses, queue: queue, delay: .seconds(state == .scheduled ? 9 : 0), key: key)
        try await submit(submission)
        if state == .leased || state.isSettled {
            let lease = try await leaseOne(from: [queue])
            if state.isSettled { try await end(lease, as: state) }
        }
        return submission.id
    }

    // MARK: Time

    func pass(_ seconds: Int) { clock.advance(by: .seconds(seconds)) }

    func after(_ duration: Duration) -> Date {
        let parts = duration.components
        return clock.now() + Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }

    // MARK: What was seen

    func require(_ holds: Bool, _ observation: @autoclosure () -> String) throws {
        if !holds { throw ContractViolation(clause: clause, observation: readable(observation())) }
    }

    /// Jobs by number instead of id, and no more than a person reads.
    private func readable(_ text: String) -> String {
        var text = text.replacing("Mailroom.", with: "")
        for (id, number) in numbers.withLock({ $0 }) { text = text.replacing(id.description, with: "job \(number)") }
        return text.count > 1000 ? text.prefix(1000) + " …" : text
    }

    func requireEqual<Value: Equatable>(_ seen: Value, _ promised: Value, _ what: String) throws {
        try require(seen == promised, "\(what) was \(seen), not \(promised)")
    }

    /// To the millisecond, as brokers keep time.
    func requireTime(_ seen: Date, _ promised: Date, _ what: String) throws {
        let difference = seen.timeIntervalSince(promised)
        try require(abs(difference) < 0.0005, "\(what) was \(difference) s after \(promised), not then")
    }

    func requireJobs(_ seen: [JobID], _ promised: [JobID], _ what: String) throws {
        try require(seen == promised, "\(what) was \(names(seen)), not \(names(promised))")
    }

    func requireLeased(
        _ promised: [JobID], limit: Int = 10, from queues: [QueueName] = [.default], _ what: String
    ) async throws {
        try requireJobs(try await lease(limit, from: queues).map(\.id.job), promised, what)
    }

    private func names(_ jobs: [JobID]) -> String {
        if jobs.isEmpty { return "no job" }
        return numbers.withLock { numbers in
            jobs.map { id in numbers[id].map { "job \($0)" } ?? "an unknown job" }.joined(separator: ", ")
        }
    }
}

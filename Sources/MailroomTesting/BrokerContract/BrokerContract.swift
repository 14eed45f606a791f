import Foundation
public import Mailroom

/// What every broker promises, as named clauses: run them over an adapter of your own.
///
/// ```swift
/// for clause in BrokerContract.clauses {
///     try await clause.verify { clock in MyBroker(time: clock) }
/// }
/// ```
///
/// Clauses about records and administration pass over a broker without those abilities.
public enum BrokerContract {
    /// All clauses.
    public static let clauses: [BrokerClause] = intake + leasing + settling + administration
}

/// One promise, and how it is looked into.
public struct BrokerClause: Sendable {
    /// The promise, as a sentence.
    public let name: String
    private let check: @Sendable (BrokerProbe) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (BrokerProbe) async throws -> Void) {
        self.name = name
        self.check = check
    }

    /// Looks into the promise with a fresh, empty broker on the given clock. Throws ``ContractViolation`` where it is
    /// not kept.
    public func verify(_ makeBroker: (ManualClock) async throws -> any Broker) async throws {
        let clock = ManualClock()
        let probe = BrokerProbe(broker: try await makeBroker(clock), clock: clock, clause: name)
        let result: Result<Void, any Error>
        do {
            result = .success(try await check(probe))
        } catch {
            result = .failure(error)
        }
        await probe.broker.shutdown()
        try result.get()
    }
}

/// A promise that was not kept.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// The promise.
    public let clause: String
    /// What was seen instead.
    public let observation: String

    /// Both in one line.
    public var description: String { "\(clause): \(observation)" }
}

/// A broker under test, and what clauses do with it.
struct BrokerProbe: Sendable {
    let broker: any Broker
    let clock: ManualClock
    let clause: String
    private let random = SeededRandom(seed: 5)

    init(broker: any Broker, clock: ManualClock, clause: String) {
        self.broker = broker
        self.clock = clock
        self.clause = clause
    }

    func require(_ holds: Bool, _ observation: @autoclosure () -> String) throws {
        if !holds { throw ContractViolation(clause: clause, observation: observation()) }
    }

    func requireEqual<Value: Equatable>(_ seen: Value, _ promised: Value, _ what: String) throws {
        try require(seen == promised, "\(what) was \(seen), not \(promised)")
    }

    func submission(
        to addresses: [String] = ["a@example.org"], queue: QueueName = .default, delay: Duration = .zero,
        expiresAfter: Duration = .seconds(86_400), key: String? = nil, content: UInt8 = 0
    ) -> Submission {
        let now = clock.now()
        let id = JobID(at: now, random: random)
        return Submission(
            id: id, queue: queue, messageID: "\(id)@example.org", recipients: addresses.map { .to($0) },
            createdAt: now, notBefore: now + seconds(delay), expiresAt: now + seconds(expiresAfter),
            idempotency: key.map { .init(key: $0, lifetime: .seconds(60), fingerprint: Fingerprint(of: [content])) },
            payload: [content, 1, 2])
    }

    func enqueue(_ submissions: Submission...) async throws -> [Admission] { try await broker.enqueue(submissions) }

    func lease(_ limit: Int = 10, from queues: [QueueName] = [.default], worker: String = "w") async throws -> [Lease] {
        try await broker.lease(
            LeaseRequest(queues: queues, limit: limit, duration: .seconds(30), worker: worker))
    }

    func leaseOne() async throws -> Lease {
        let leases = try await lease()
        guard leases.count == 1 else {
            throw ContractViolation(clause: clause, observation: "\(leases.count) jobs were leased, not 1")
        }
        return leases[0]
    }

    @discardableResult
    func settle(
        _ lease: Lease, _ next: Settlement.Next, _ outcomes: [String: RecipientOutcome.Status] = [:],
        reason: String? = nil
    ) async throws -> SettleResult {
        let report = DeliveryReport(
            outcomes.sorted { $0.key < $1.key }.map { RecipientOutcome(recipient: $0.key, status: $0.value) })
        let settlement = Settlement(
            lease.id, report: outcomes.isEmpty ? nil : report, next: next, reason: reason)
        return try await broker.settle([settlement])[0]
    }

    func after(_ duration: Duration) -> Date { clock.now() + seconds(duration) }

    private func seconds(_ duration: Duration) -> TimeInterval {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

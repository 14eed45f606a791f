public import Mailroom

/// One promise of brokers, and how it is looked into.
public struct BrokerClause: Sendable {
    /// The promise, as a sentence.
    public let name: String
    private let check: @Sendable (BrokerProbe) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (BrokerProbe) async throws -> Void) {
        self.name = name
        self.check = check
    }

    /// Looks into the promise with a fresh, empty broker on the given clock. Throws ``ContractViolation`` where it is
    /// not kept. The broker is shut down afterwards.
    @discardableResult
    public func verify(_ makeBroker: (ManualClock) async throws -> any Broker) async throws -> ContractVerdict {
        try await verify(patience: BrokerProbe.patience) { clock in [try await makeBroker(clock)] }
    }

    /// Looks into the promise with two fresh brokers on one empty store, as two processes would have them.
    @discardableResult
    public func verify(
        sharing makePair: (ManualClock) async throws -> (any Broker, any Broker)
    ) async throws -> ContractVerdict {
        try await verify(patience: BrokerProbe.patience) { clock in
            let pair = try await makePair(clock)
            return [pair.0, pair.1]
        }
    }

    /// Calls that ought to be answered are given up on after `patience`.
    package func verify(
        patience: Duration, _ makeBrokers: (ManualClock) async throws -> [any Broker]
    ) async throws -> ContractVerdict {
        let clock = ManualClock()
        let brokers = try await makeBrokers(clock)
        let probe = BrokerProbe(brokers, clock: clock, clause: name, patience: patience)
        let result: Result<ContractVerdict, any Error>
        do {
            try await check(probe)
            result = .success(.kept)
        } catch is BrokerProbe.NotApplicable {
            result = .success(.notApplicable)
        } catch let error as BrokerError {
            let observation = "a call threw \(error.code.rawValue): \(error)"
            result = .failure(ContractViolation(clause: name, observation: observation))
        } catch {
            result = .failure(error)
        }
        probe.giveUp()
        for broker in brokers { await broker.shutdown() }
        return try result.get()
    }
}

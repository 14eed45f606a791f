public import Mailroom

/// What every broker promises, as named clauses: run them over an adapter of your own.
///
/// ```swift
/// let summary = await BrokerContract.summary { clock in MyBroker(time: clock) }
/// XCTAssertEqual(summary.violations.map(\.description), [])
/// ```
///
/// The closure makes a broker with an empty store, on a clock that only the clause moves. Clauses about records,
/// administration and events pass over a broker without those abilities, and clauses about a store that brokers share
/// pass over one broker alone: the summary lists them as not applicable. Durability is for tests of a broker's own.
public enum BrokerContract {
    /// All clauses: what every broker promises first, then ability by ability.
    public static let clauses: [BrokerClause] =
        intake + keys + content + order + expiry + leasing + waiting + settling + facts + attempts
        + counting + listing + acting + reviving + removing + erasing
        + records + events + sharing

    /// Looks into all clauses, each with a broker of its own.
    public static func summary(
        _ makeBroker: (ManualClock) async throws -> any Broker
    ) async -> ContractSummary {
        await summary { (clause) async throws in try await clause.verify(makeBroker) }
    }

    /// Looks into all clauses, each with two brokers on an empty store of their own, as two processes would have it.
    /// Clauses about one broker take the first.
    public static func summary(
        sharing makePair: (ManualClock) async throws -> (any Broker, any Broker)
    ) async -> ContractSummary {
        await summary { (clause) async throws in try await clause.verify(sharing: makePair) }
    }

    private static func summary(
        of verify: (BrokerClause) async throws -> ContractVerdict
    ) async -> ContractSummary {
        var summary = ContractSummary()
        for clause in clauses {
            await summary.look(into: clause.name) { try await verify(clause) }
        }
        return summary
    }
}

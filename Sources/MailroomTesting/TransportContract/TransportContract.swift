/// What every transport of mail promises, as named clauses: run them over an adapter of your own.
///
/// ```swift
/// let summary = await TransportContract.summary { behaviour in
///     let hop = MyHop(behaviour)
///     return TransportBench(MyTransport(hop.address)) { hop.arrivals }
/// }
/// XCTAssertEqual(summary.violations, [])
/// ```
///
/// The closure makes a fresh next hop that behaves as wanted and a transport to it; `nil` where this kind of next hop
/// cannot behave so. The clauses that need it are then not applicable.
public enum TransportContract {
    /// All clauses.
    public static let clauses: [TransportClause] = outcomes + content + doubt + time + care

    /// Looks into all clauses, one after the other.
    public static func summary(
        _ makeBench: @escaping @Sendable (NextHopBehaviour) async throws -> TransportBench?
    ) async -> ContractSummary {
        var summary = ContractSummary()
        for clause in clauses {
            await summary.look(into: clause.name) { try await clause.verify(makeBench) }
        }
        return summary
    }
}

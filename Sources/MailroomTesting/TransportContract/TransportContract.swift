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
            await summary.look(into: clause.name) { try await clause.verify(makeBench) == .kept }
        }
        return summary
    }
}

/// What looking into a contract brought to light.
public struct ContractSummary: Sendable {
    /// The clauses that are kept.
    public internal(set) var kept: [String] = []
    /// Those that could not be looked into: what is under test does not have the ability, or its next hop cannot behave
    /// as they need.
    public internal(set) var notApplicable: [String] = []
    /// What is not kept.
    public internal(set) var violations: [ContractViolation] = []

    /// Looks into a clause, and notes what came to light. `isKept` answers false where the clause is not applicable, and
    /// throws where it is violated.
    mutating func look(into clause: String, _ isKept: () async throws -> Bool) async {
        do {
            if try await isKept() { kept.append(clause) } else { notApplicable.append(clause) }
        } catch let violation as ContractViolation {
            violations.append(violation)
        } catch {
            violations.append(
                ContractViolation(clause: clause, observation: "it could not be looked into: \(error)"))
        }
    }
}

/// One promise of transports, and how it is looked into.
public struct TransportClause: Sendable {
    /// How a clause that is not violated stands.
    public enum Verdict: Hashable, Sendable {
        /// It was looked into and is kept.
        case kept
        /// The next hop cannot behave as it needs.
        case notApplicable
    }

    /// The promise, as a sentence.
    public let name: String
    private let check: @Sendable (TransportProbe) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (TransportProbe) async throws -> Void) {
        self.name = name
        self.check = check
    }

    /// Looks into the promise. Throws ``ContractViolation`` where it is not kept.
    public func verify(
        _ makeBench: @escaping @Sendable (NextHopBehaviour) async throws -> TransportBench?
    ) async throws -> Verdict {
        let probe = TransportProbe(clause: name, makeBench)
        let result: Result<Verdict, any Error>
        do {
            try await check(probe)
            result = .success(.kept)
        } catch is TransportProbe.NotApplicable {
            result = .success(.notApplicable)
        } catch {
            result = .failure(error)
        }
        await probe.shutdown()
        return try result.get()
    }
}

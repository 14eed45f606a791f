/// One promise of transports, and how it is looked into.
public struct TransportClause: Sendable {
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
    ) async throws -> ContractVerdict {
        let probe = TransportProbe(clause: name, makeBench)
        let result: Result<ContractVerdict, any Error>
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

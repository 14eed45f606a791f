/// What looking into a contract brought to light.
public struct ContractSummary: Sendable {
    /// The clauses that are kept.
    public internal(set) var kept: [String] = []
    /// Those that could not be looked into: what is under test does not have the ability, or its next hop cannot behave
    /// as they need.
    public internal(set) var notApplicable: [String] = []
    /// What is not kept.
    public internal(set) var violations: [ContractViolation] = []

    /// Looks into a clause, and notes what came to light.
    mutating func look(into clause: String, _ verify: () async throws -> ContractVerdict) async {
        do {
            switch try await verify() {
            case .kept: kept.append(clause)
            case .notApplicable: notApplicable.append(clause)
            }
        } catch let violation as ContractViolation {
            violations.append(violation)
        } catch {
            violations.append(
                ContractViolation(clause: clause, observation: "it could not be looked into: \(error)"))
        }
    }
}

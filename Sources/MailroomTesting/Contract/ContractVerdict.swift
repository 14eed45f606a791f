/// How a clause of a contract stands that is not violated.
public enum ContractVerdict: Hashable, Sendable {
    /// It was looked into and is kept.
    case kept
    /// It could not be looked into: what is under test does not have the ability that it is about, or its next hop cannot
    /// behave as it needs.
    case notApplicable
}

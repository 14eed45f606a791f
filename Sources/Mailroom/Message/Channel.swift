/// A kind of road to a recipient. Each channel of a pipeline has a transport of its own.
public struct Channel: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The name, as it is stored with each job.
    public let rawValue: String

    /// A channel of an adapter's own; the name is stored with each job, so it must stay.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Internet mail: recipients are addresses (RFC 5321 §4.1.2), checked at submit.
    public static let email = Channel(rawValue: "email")

    /// The name.
    public var description: String { rawValue }
}

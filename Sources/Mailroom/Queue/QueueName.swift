/// The name of a queue within a broker.
public struct QueueName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name itself.
    public let rawValue: String

    /// A queue. Any text but the empty one.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// A queue, by a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Where jobs go unless said otherwise.
    public static let `default` = QueueName("default")

    /// The name.
    public var description: String { rawValue }
}

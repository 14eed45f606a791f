public import Mailroom

/// A transport under test, and the sight of what arrives at its next hop.
public struct TransportBench: Sendable {
    /// One mail that the next hop took.
    public struct Arrival: Hashable, Sendable {
        /// The sender of the envelope; `nil` is `<>`.
        public var reversePath: String?
        /// The recipients of the envelope.
        public var recipients: [String]
        /// The message, without what the protocol adds to it.
        public var content: [UInt8]

        /// An arrival.
        public init(reversePath: String?, recipients: [String], content: [UInt8]) {
            self.reversePath = reversePath
            self.recipients = recipients
            self.content = content
        }
    }

    /// The transport. The clause shuts it down.
    public var transport: any Transport
    /// What the next hop took so far.
    public let arrivals: @Sendable () async -> [Arrival]
    /// What becomes of a message on its way, such as another form of line ends; equal unless said.
    public var content: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// Waits until the next hop was reached, or, where it takes mail and does not answer, until it has it. Returns at
    /// once unless said: then a clause cancels early, which proves less.
    public var reached: @Sendable () async -> Void = {}
    /// Passwords and the like that the transport was made with.
    public var secrets: [String] = []

    /// A bench.
    public init(_ transport: any Transport, arrivals: @escaping @Sendable () async -> [Arrival]) {
        self.transport = transport
        self.arrivals = arrivals
    }
}

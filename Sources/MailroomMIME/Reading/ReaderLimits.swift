/// How much of a message the reader is willing to take apart; what lies beyond is left as it is or out.
public struct ReaderLimits: Hashable, Sendable {
    /// Entities within entities, 100 at most; deeper ones are not opened.
    public var depth: Int
    /// Entities of a message in all.
    public var parts: Int
    /// Fields of one header.
    public var fields: Int
    /// Octets of one header.
    public var headerOctets: Int
    /// Octets of all decoded bodies together.
    public var bodyOctets: Int

    /// Makes limits; a limit below zero counts as zero.
    public init(
        depth: Int = 32, parts: Int = 1000, fields: Int = 2000, headerOctets: Int = 1 << 20,
        bodyOctets: Int = 1 << 28
    ) {
        self.depth = min(100, max(0, depth))
        self.parts = max(0, parts)
        self.fields = max(0, fields)
        self.headerOctets = max(0, headerOctets)
        self.bodyOctets = max(0, bodyOctets)
    }

    /// 32 deep, 1,000 parts, 2,000 fields and 1 MiB a header, 256 MiB of bodies.
    public static let standard = ReaderLimits()
}

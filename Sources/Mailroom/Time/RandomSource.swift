/// Where identifiers and jitter take their random numbers; tests pass one that repeats.
public protocol RandomSource: Sendable {
    /// 64 random bits. May be called from any thread.
    func next() -> UInt64
}

/// The system's cryptographically secure generator.
public struct SystemRandomSource: RandomSource {
    /// Creates the source; it holds no state.
    public init() {}

    /// 64 random bits.
    public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

extension RandomSource where Self == SystemRandomSource {
    /// The system's generator.
    public static var system: SystemRandomSource { SystemRandomSource() }
}

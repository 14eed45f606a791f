import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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
    public func next() -> UInt64 { SystemRandomSource.drawn.withLock { $0.next() } }

    /// Numbers drawn ahead: a call of the system for each would cost more than all else that makes an id.
    private static let drawn = Mutex(Drawn())

    private struct Drawn {
        private var words = [UInt64](repeating: 0, count: 32)
        private var left = 0

        mutating func next() -> UInt64 {
            if left == 0 { draw() }
            left -= 1
            // A number is given out once and then not kept.
            defer { words[left] = 0 }
            return words[left]
        }

        private mutating func draw() {
            // 256 bytes are the most that one call gives (getentropy(3)).
            let isDrawn = words.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) == 0 }
            if !isDrawn { for index in words.indices { words[index] = .random(in: .min ... .max) } }
            left = words.count
        }
    }
}

extension RandomSource where Self == SystemRandomSource {
    /// The system's generator.
    public static var system: SystemRandomSource { SystemRandomSource() }
}

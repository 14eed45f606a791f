public import Mailroom
import Synchronization

/// Random numbers that repeat with their seed (SplitMix64).
public final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    /// A source; the same seed gives the same numbers.
    public init(seed: UInt64) { state = Mutex(seed) }

    /// The next number of the sequence.
    public func next() -> UInt64 {
        let seed = state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
        var mixed = (seed ^ seed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

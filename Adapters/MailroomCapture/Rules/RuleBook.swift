import Synchronization

/// How the server misbehaves. Any thread may ask and change it.
///
/// Chances are drawn from generators that begin with the seed, in the order of the events: the same seed, rules and
/// sequence of events give the same decisions. Clients that connect at the same time have no order among them.
final class RuleBook: Sendable {
    /// A rule and how it has fared.
    struct Entry: Sendable {
        let rule: CaptureRule
        /// How many events met its conditions, but for those that count.
        var met = 0
        /// How often it decided.
        var hits = 0
    }

    private struct State {
        var entries: [Entry] = []
        var jim: Jim?
        var seed: UInt64
        var chances: Chances
    }

    /// What is drawn from. How often a socket is read depends on more than what a client does, so what is drawn at each
    /// read must not move the others on.
    private struct Chances {
        var rules: RuleGenerator
        var jim: RuleGenerator
        var reads: RuleGenerator

        init(seed: UInt64) {
            rules = RuleGenerator(seed: seed)
            jim = RuleGenerator(seed: seed ^ 1 << 63)
            reads = RuleGenerator(seed: ~seed)
        }
    }

    private let state: Mutex<State>

    /// The seed is random unless given.
    init(_ rules: [CaptureRule] = [], seed: UInt64? = nil, jim: Jim? = nil) {
        let seed = seed ?? UInt64.random(in: 0...0xFFFF_FFFF)
        state = Mutex(
            State(
                entries: rules.map { Entry(rule: $0) }, jim: jim, seed: seed, chances: Chances(seed: seed)))
    }

    // MARK: Asking

    /// What the rules, or else Jim, want done; nil for the usual.
    func decision(for event: RuleEvent) -> CaptureRule? {
        state.withLock { state in
            for index in state.entries.indices where event.meets(state.entries[index].rule) {
                let rule = state.entries[index].rule
                let number = state.entries[index].met
                state.entries[index].met += 1
                guard number >= rule.skipping, (number - rule.skipping) % max(1, rule.every) == 0,
                    rule.limit.map({ state.entries[index].hits < $0 }) ?? true,
                    rule.chance >= 1 || state.chances.rules.draw(rule.chance)
                else { continue }
                state.entries[index].hits += 1
                return rule
            }
            return state.jim?.decision(for: event) { state.chances.jim.draw($0) }
        }
    }

    /// Whether Jim closes the connection at this read.
    func disconnects() -> Bool {
        state.withLock { state in
            guard let jim = state.jim else { return false }
            return state.chances.reads.draw(jim.disconnectChance)
        }
    }

    // MARK: Changing

    /// MailHog's monkey; nil while it is not invited.
    var jim: Jim? {
        get { state.withLock { $0.jim } }
        set { state.withLock { $0.jim = newValue } }
    }

    /// The rules in order, with what they have done.
    var entries: [Entry] { state.withLock { $0.entries } }

    /// What the chances began with.
    var seed: UInt64 { state.withLock { $0.seed } }

    /// The rules in order. Setting them begins all counts anew, and the chances from the seed.
    var rules: [CaptureRule] {
        get { entries.map(\.rule) }
        set { replace(newValue, seed: nil) }
    }

    /// Puts other rules in place of all, counts from nothing, and begins the chances from the seed, the old one unless
    /// given.
    func replace(_ rules: [CaptureRule], seed: UInt64?) {
        state.withLock { state in
            state.entries = rules.map { Entry(rule: $0) }
            state.seed = seed ?? state.seed
            state.chances = Chances(seed: state.seed)
        }
    }

    /// Adds a rule after all others; what has been counted stays.
    /// - Returns: its number, from 1.
    func append(_ rule: CaptureRule) -> Int {
        state.withLock { state in
            state.entries.append(Entry(rule: rule))
            return state.entries.count
        }
    }

    /// Takes out the rule with a number, from 1; false where there is none, or not the one of this text if one is given.
    func remove(_ number: Int, if text: String? = nil) -> Bool {
        state.withLock { state in
            guard state.entries.indices.contains(number - 1),
                text == nil || state.entries[number - 1].rule.description == text
            else { return false }
            state.entries.remove(at: number - 1)
            return true
        }
    }
}

/// Random numbers that repeat with their seed (xorshift64*, seeded through SplitMix64).
private struct RuleGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        var mixed = seed &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        state = (mixed ^ (mixed >> 31)) | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// Whether something of this probability happens.
    mutating func draw(_ chance: Double) -> Bool { Double.random(in: 0..<1, using: &self) < chance }
}

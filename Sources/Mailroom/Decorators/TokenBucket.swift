/// A bucket of tokens that fills evenly, in whole numbers: no rounding adds up.
///
/// Time is counted in attoseconds times the rate, in which one token takes exactly `period`.
struct TokenBucket {
    private let rate: Int128
    private let period: Int128
    private let capacity: Int128
    /// When the bucket is full again; what is taken in advance counts.
    private var fullAt: Int128 = 0

    /// Tokens granted: from `start` on they may be used.
    struct Grant {
        let start: Duration
        fileprivate let before: Int128
        fileprivate let after: Int128
    }

    /// A full bucket of `burst` tokens, `rate` of which come back in each period.
    init(rate: Int, per period: Duration, burst: Int) {
        self.rate = Int128(max(rate, 1))
        self.period = max(period.attoseconds, 1)
        capacity = Int128(max(burst, 1)) * self.period
    }

    /// Takes tokens, those that come in next included, if they are there within `limit`; otherwise says how long it
    /// would take. Who asks first is served first. More tokens than the bucket holds are granted once it is full and
    /// paid back by those who come later.
    mutating func take(_ tokens: Int, at now: Duration, within limit: Duration) -> (grant: Grant?, wait: Duration) {
        let time = now.attoseconds * rate
        let before = max(fullAt, time)
        let cost = Int128(max(tokens, 1)) * period
        let missing = before + min(cost, capacity) - capacity - time
        let wait = Duration.nanoseconds(Int64(clamping: Self.quotient(max(missing, 0), rate * 1_000_000_000)))
        guard wait <= max(limit, .zero) else { return (nil, wait) }
        fullAt = before + cost
        return (Grant(start: now + wait, before: before, after: fullAt), wait)
    }

    /// Puts tokens back that were not used, unless others have been granted behind them already.
    mutating func putBack(_ grant: Grant) {
        if fullAt == grant.after { fullAt = grant.before }
    }

    /// Rounded up.
    private static func quotient(_ number: Int128, _ divisor: Int128) -> Int128 { (number + divisor - 1) / divisor }
}

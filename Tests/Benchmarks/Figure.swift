/// One measured number.
struct Figure {
    var name: String
    var unit: String
    var value: Double
    /// What the value, or the ratio where there is one, must reach, or must not exceed if it is a ceiling.
    var limit: Double?
    /// The value divided by what the ground allows, measured at the same moment.
    var ratio: Double?
    /// Whether less is better.
    var isCeiling = false

    var isMissed: Bool {
        guard let limit else { return false }
        let reached = ratio ?? value
        return isCeiling ? reached > limit : !(reached >= limit)
    }
}

/// The middle one of some numbers.
func median(_ numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted.count % 2 == 1
        ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}

/// Runs the ground and ours in turn, so that a slow moment of the machine hits both. Answers our median rate and the
/// median of the ratios.
func compared(
    rounds: Int, ground: () throws -> Double, ours: () async throws -> Double
) async throws -> (ground: Double, ours: Double, ratio: Double) {
    var grounds: [Double] = []
    var rates: [Double] = []
    for round in 0..<rounds {
        if round % 2 == 0 { grounds.append(try ground()) }
        rates.append(try await ours())
        if round % 2 == 1 { grounds.append(try ground()) }
    }
    return (median(grounds), median(rates), median(zip(rates, grounds).map { $0 / $1 }))
}

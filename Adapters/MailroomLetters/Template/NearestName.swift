import Mailroom

/// Finds the name a person probably meant.
enum NearestName {
    /// The known name with the fewest changed, added or left-out characters; nil if all are too far.
    static func find(_ name: String, among known: [String]) -> String? {
        let wanted = name.lowercased()
        let ranked = known.sorted().map { (name: $0, distance: Nearest.distance(wanted, $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, wanted.count / 2) ? best.name : nil
    }
}

/// How the width of a table is dealt out to its columns. Lengths are thousandths of a point.
struct ColumnWidths {
    /// What a column asks for.
    struct Demand {
        var width: PDFTableColumn.Width
        /// As wide as its widest line, and as its widest word; of fitted columns only.
        var natural = 0
        var least = 0
    }

    /// The width of each column; nil where those that are given in points leave no room for the others.
    static func widths(of demands: [Demand], in measure: Int) -> [Int]? {
        var widths = [Int](repeating: 0, count: demands.count)
        var free = measure
        var shares = 0.0
        var fitted: [Int] = []
        var sharing: [Int] = []
        for (index, demand) in demands.enumerated() {
            switch demand.width {
            case .points(let points):
                widths[index] = thousandths(points)
                free -= widths[index]
            case .share(let share) where share > 0 && share <= 1_000_000:
                shares += share
                sharing.append(index)
            case .share: return nil
            case .fitted: fitted.append(index)
            }
        }
        guard free >= 1_000 * (fitted.count + sharing.count) || (fitted.isEmpty && sharing.isEmpty && free >= 0),
            zip(widths, demands).allSatisfy({ $0 >= 1_000 || !$1.isInPoints })
        else { return nil }
        // Columns with shares keep at least half of what they had if all columns were equal.
        let limit = sharing.isEmpty ? free : free - free * sharing.count / (2 * (sharing.count + fitted.count))
        fit(fitted, of: demands, into: limit, widths: &widths)
        free -= fitted.reduce(0) { $0 + widths[$1] }
        var rest = free
        for index in sharing {
            guard case .share(let share) = demands[index].width else { continue }
            widths[index] = index == sharing.last ? rest : Int(Double(free) * share / shares)
            rest -= widths[index]
        }
        return widths
    }

    /// Gives columns their natural widths, or, where these are too much, cuts the widest down to what fits, as far as
    /// their words allow; where even that is too much, all in proportion.
    private static func fit(_ columns: [Int], of demands: [Demand], into limit: Int, widths: inout [Int]) {
        let natural = columns.reduce(0) { $0 + demands[$1].natural }
        let least = columns.reduce(0) { $0 + demands[$1].least }
        if natural <= limit {
            for index in columns { widths[index] = demands[index].natural }
        } else if least >= limit {
            for index in columns { widths[index] = max(1_000, demands[index].least * limit / max(1, least)) }
        } else {
            // The cut at which the columns just fit is found by halving.
            var low = 0
            var high = limit
            func width(_ index: Int, cut: Int) -> Int { max(demands[index].least, min(demands[index].natural, cut)) }
            while low < high {
                let middle = (low + high + 1) / 2
                if columns.reduce(0, { $0 + width($1, cut: middle) }) <= limit {
                    low = middle
                } else {
                    high = middle - 1
                }
            }
            for index in columns { widths[index] = width(index, cut: low) }
        }
    }
}

extension ColumnWidths.Demand {
    fileprivate var isInPoints: Bool { if case .points = width { true } else { false } }
}

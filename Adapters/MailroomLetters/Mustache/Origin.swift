/// Where a stretch of expanded bytes comes from. A stretch lasts until the next one's offset.
struct Origin: Equatable, Sendable {
    /// The stretch's first byte in the output.
    let offset: Int
    /// The template's line, or the partial's.
    let line: Int
    /// The key whose value it is; nil for the template's own text.
    let key: Key?
    /// The partial that it stands in; nil for the template itself.
    let partial: String?

    /// The origin of the byte at an offset; nil before the first one.
    static func of(_ offset: Int, in origins: [Origin]) -> Origin? {
        var low = 0
        var high = origins.count
        while low < high {
            let middle = (low + high) / 2
            if origins[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : origins[low - 1]
    }
}

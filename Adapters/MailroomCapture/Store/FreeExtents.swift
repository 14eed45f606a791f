/// The room within a file that nobody uses, in pieces that neither overlap nor touch each other.
struct FreeExtents {
    /// By rising offset.
    private(set) var extents: [SpillFile.Extent] = []

    /// Takes room from the first piece that has so much.
    /// - Returns: where it begins.
    mutating func take(_ count: Int) -> Int? {
        guard let index = extents.firstIndex(where: { $0.count >= count }) else { return nil }
        let extent = extents[index]
        if extent.count == count {
            extents.remove(at: index)
        } else {
            extents[index] = SpillFile.Extent(offset: extent.offset + count, count: extent.count - count)
        }
        return extent.offset
    }

    /// Adds a piece, as one with those that it touches.
    mutating func insert(_ extent: SpillFile.Extent) {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = (low + high) / 2
            if extents[middle].offset < extent.offset { low = middle + 1 } else { high = middle }
        }
        var merged = extent
        var replaced = low..<low
        if low > 0, case let before = extents[low - 1], before.offset + before.count == extent.offset {
            merged = SpillFile.Extent(offset: before.offset, count: before.count + merged.count)
            replaced = low - 1..<low
        }
        if low < extents.count, extents[low].offset == extent.offset + extent.count {
            merged = SpillFile.Extent(offset: merged.offset, count: merged.count + extents[low].count)
            replaced = replaced.lowerBound..<low + 1
        }
        extents.replaceSubrange(replaced, with: CollectionOfOne(merged))
    }

    /// Takes the last piece out if it reaches to the file's end.
    /// - Returns: where it begins, which is the file's end then.
    mutating func takeLast(before end: Int) -> Int? {
        guard let last = extents.last, last.offset + last.count == end else { return nil }
        extents.removeLast()
        return last.offset
    }
}

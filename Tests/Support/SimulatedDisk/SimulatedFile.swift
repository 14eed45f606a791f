/// A file's bytes as processes see them, and as they are on the disk.
struct SimulatedFile {
    private static let sectorsOfAPage = SimulatedContent.pageSize / SimulatedContent.sectorSize

    /// What processes see.
    private(set) var cache = SimulatedContent()
    /// What a loss of power leaves at least.
    private(set) var stored = SimulatedContent()
    /// The sectors of each page, as bits, that differ and that the next sync writes.
    private var dirty: [Int: UInt8] = [:]
    /// Those that the system takes for written after a failed sync.
    private var lost: [Int: UInt8] = [:]
    /// A version of a sector that may have been written before it was overwritten.
    private var earlier: [Int: [UInt8]] = [:]

    // MARK: What processes do

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        // Growing the file clears nothing of what is before the old end, so only the range itself changes.
        for page in offset / SimulatedContent.pageSize..<SimulatedContent.pageCount(end) {
            let first = max(offset, page * SimulatedContent.pageSize) / SimulatedContent.sectorSize
            let last = (min(end, (page + 1) * SimulatedContent.pageSize) - 1) / SimulatedContent.sectorSize
            let before = dirty[page] ?? 0
            var sectors = before | (lost.removeValue(forKey: page) ?? 0)
            for sector in first...last {
                let bit = UInt8(1) << (sector % Self.sectorsOfAPage)
                if before & bit != 0, earlier[sector] == nil || Bool.random(using: &random) {
                    earlier[sector] = cache.sector(sector)
                }
                sectors |= bit
            }
            dirty[page] = sectors
        }
        cache.write(bytes, at: offset)
    }

    mutating func resize(to size: Int) {
        if size < cache.size {
            let kept = size / SimulatedContent.pageSize
            for page in kept..<max(cache.pages.count, stored.pages.count) {
                dirty[page] = 0xFF
                lost[page] = nil
            }
        }
        cache.resize(to: size)
    }

    mutating func allocate(from start: Int, to end: Int) { cache.allocate(from: start, to: end) }

    // MARK: The disk

    mutating func sync() {
        stored.resize(to: cache.size)
        for page in dirty.keys { stored.replacePage(page, by: cache.page(page)) }
        dirty.removeAll(keepingCapacity: true)
        earlier.removeAll(keepingCapacity: true)
    }

    /// Nothing of it reaches the disk, and the system takes it for written: it either stays visible or, by chance, is
    /// dropped from memory and read back as it was.
    mutating func failSync(_ random: inout SeededGenerator) {
        let isDropped = Bool.random(using: &random)
        for (page, sectors) in dirty {
            if isDropped {
                let old = stored.page(page)
                cache.replacePage(page, by: old.isEmpty ? SimulatedContent.zeroPage : old)
            } else {
                lost[page, default: 0] |= sectors
            }
        }
        dirty.removeAll()
        earlier.removeAll()
    }

    mutating func losePower(keeping survival: Survival, _ random: inout SeededGenerator) {
        switch survival {
        case .synced: break
        case .everything: stored = cache
        case .random: keepSome(overOldBytes: false, &random)
        case .randomOverOldBytes: keepSome(overOldBytes: true, &random)
        }
        cache = stored
        dirty = [:]
        lost = [:]
        earlier = [:]
    }

    private mutating func keepSome(overOldBytes: Bool, _ random: inout SeededGenerator) {
        let oldSize = stored.size
        var sizes = [oldSize, cache.size]
        // A file that grew may have done so in steps; one that was cut is cut or not.
        if oldSize < cache.size { sizes.append(Int.random(in: oldSize...cache.size, using: &random)) }
        stored.resize(to: sizes.randomElement(using: &random) ?? oldSize)
        for (page, sectors) in dirty.merging(lost, uniquingKeysWith: |).sorted(by: { $0.key < $1.key }) {
            guard page < stored.pages.count else { continue }
            var bytes = stored.page(page).isEmpty ? SimulatedContent.zeroPage : stored.page(page)
            let whole = Bool.random(using: &random) ? Bool.random(using: &random) : nil
            for index in 0..<Self.sectorsOfAPage where sectors & (1 << index) != 0 {
                let sector = page * Self.sectorsOfAPage + index
                let isKept = whole ?? Bool.random(using: &random)
                let version: [UInt8]
                if isKept {
                    let middle = earlier[sector]
                    version =
                        middle != nil && Int.random(in: 0..<3, using: &random) == 0
                        ? middle! : cache.sector(sector)
                } else if overOldBytes, sector * SimulatedContent.sectorSize >= oldSize {
                    version = (0..<SimulatedContent.sectorSize).map { _ in UInt8.random(in: 0...255, using: &random) }
                } else {
                    continue
                }
                bytes.replaceSubrange(index * version.count..<(index + 1) * version.count, with: version)
            }
            stored.replacePage(page, by: bytes)
        }
    }
}

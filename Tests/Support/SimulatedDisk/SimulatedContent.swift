/// A file's bytes, in pages that two images of the file share until one changes.
struct SimulatedContent {
    static let pageSize = 4096
    static let sectorSize = 512
    static let zeroPage = [UInt8](repeating: 0, count: pageSize)

    /// An empty page is a hole: it reads as zeros and takes no room.
    private(set) var pages: [[UInt8]] = []
    private(set) var size = 0

    static func pageCount(_ size: Int) -> Int { (size + pageSize - 1) / pageSize }

    var takenPages: Int { pages.count { !$0.isEmpty } }

    /// How many of a range's pages take no room yet.
    func holes(from start: Int, to end: Int) -> Int {
        guard start < end else { return 0 }
        return (start / Self.pageSize..<Self.pageCount(end)).count { $0 >= pages.count || pages[$0].isEmpty }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let count = max(0, min(buffer.count, size - offset))
        var done = 0
        while done < count {
            let (page, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageSize)
            let part = min(count - done, Self.pageSize - start)
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + part])
            if pages[page].isEmpty {
                _ = target.initializeMemory(as: UInt8.self, repeating: 0)
            } else {
                pages[page].withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[start..<start + part])) }
            }
            done += part
        }
        return count
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        grow(to: offset + bytes.count)
        var done = 0
        while done < bytes.count {
            let (page, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageSize)
            let part = min(bytes.count - done, Self.pageSize - start)
            if pages[page].isEmpty { pages[page] = Self.zeroPage }
            pages[page].withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + part])
                    .copyMemory(from: .init(rebasing: bytes[done..<done + part]))
            }
            done += part
        }
    }

    /// Gives the holes of a range room.
    mutating func allocate(from start: Int, to end: Int) {
        grow(to: end)
        for page in start / Self.pageSize..<Self.pageCount(end) where pages[page].isEmpty {
            pages[page] = Self.zeroPage
        }
    }

    private mutating func grow(to size: Int) { if size > self.size { resize(to: size) } }

    mutating func resize(to size: Int) {
        let count = Self.pageCount(size)
        if count < pages.count { pages.removeLast(pages.count - count) }
        while pages.count < count { pages.append([]) }
        self.size = size
        clearBehindTheEnd()
    }

    /// What stands in the last page behind the end would show when the file grows.
    private mutating func clearBehindTheEnd() {
        let used = size % Self.pageSize
        guard used > 0, let last = pages.indices.last, !pages[last].isEmpty else { return }
        pages[last].withUnsafeMutableBytes {
            _ = UnsafeMutableRawBufferPointer(rebasing: $0[used...]).initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// A page as it is; a hole behind the end.
    func page(_ number: Int) -> [UInt8] { number < pages.count ? pages[number] : [] }

    /// Puts a page in place of the one there; does nothing behind the end.
    mutating func replacePage(_ number: Int, by page: [UInt8]) {
        guard number < pages.count else { return }
        pages[number] = page
        if number == pages.count - 1 { clearBehindTheEnd() }
    }

    func sector(_ number: Int) -> [UInt8] {
        let (page, sector) = number.quotientAndRemainder(dividingBy: Self.pageSize / Self.sectorSize)
        let bytes = self.page(page)
        guard !bytes.isEmpty else { return [UInt8](repeating: 0, count: Self.sectorSize) }
        return Array(bytes[sector * Self.sectorSize..<(sector + 1) * Self.sectorSize])
    }

    var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
    }
}

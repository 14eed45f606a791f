#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A range of addresses that costs memory only where it is written to, for files that are mapped and then grown.
package final class ReservedMemory {
    /// On a page's boundary, all zeros at first.
    package let base: UnsafeMutableRawPointer
    package let count: Int

    /// Reserves addresses; throws where the system refuses that many.
    package init(_ count: Int) throws(FileError) {
        #if canImport(Glibc)
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #else
            let flags = MAP_PRIVATE | MAP_ANON
        #endif
        let mapped = mmap(nil, count, PROT_READ | PROT_WRITE, Int32(flags), -1, 0)
        guard let mapped, mapped != MAP_FAILED else {
            throw FileError("cannot reserve \(count) bytes of addresses", code: errno)
        }
        base = mapped
        self.count = count
    }

    deinit { munmap(base, count) }
}

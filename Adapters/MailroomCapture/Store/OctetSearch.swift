#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks for octets among octets by the C library's `memmem`, the fastest there is here.
enum OctetSearch {
    private typealias Function =
        @convention(c) (UnsafeRawPointer?, Int, UnsafeRawPointer?, Int) -> UnsafeMutableRawPointer?

    #if canImport(Glibc) || canImport(Musl)
        /// The C library has it, but its module leaves it out.
        private static let memmem = unsafeBitCast(dlsym(nil, "memmem"), to: Function?.self)
    #else
        private static let memmem: Function? = Darwin.memmem
    #endif

    /// Where the wanted octets begin first; 0 where none are wanted.
    static func first(_ wanted: UnsafeRawBufferPointer, in octets: UnsafeRawBufferPointer) -> Int? {
        guard wanted.count > 0 else { return 0 }
        guard octets.count >= wanted.count, let base = octets.baseAddress else { return nil }
        guard let memmem else { return slowFirst(wanted, in: octets) }
        guard let found = memmem(base, octets.count, wanted.baseAddress, wanted.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    private static func slowFirst(_ wanted: UnsafeRawBufferPointer, in octets: UnsafeRawBufferPointer) -> Int? {
        (0...(octets.count - wanted.count)).first { octets[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}

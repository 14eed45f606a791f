#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files and sockets this process may have open.
package enum DescriptorLimit {
    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif

    /// Raises the soft limit to `wanted`, or as far as the system lets this process.
    /// - Returns: what it is then.
    @discardableResult
    package static func raise(to wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        #if canImport(Darwin)
            // Its hard limit may be infinite, and more than OPEN_MAX is refused all the same.
            let aim = min(rlim_t(wanted), limit.rlim_max, rlim_t(OPEN_MAX))
        #else
            let aim = min(rlim_t(wanted), limit.rlim_max)
        #endif
        if aim > limit.rlim_cur {
            var raised = limit
            raised.rlim_cur = aim
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What tells one start of the machine from the next.
enum BootIdentity {
    /// This boot, or a constant where the system does not tell.
    static let current: String = {
        #if canImport(Glibc)
            let bytes = (try? Disk.real.open("/proc/sys/kernel/random/boot_id", O_RDONLY).bytes(36, at: 0)) ?? []
        #else
            var bytes = [UInt8](repeating: 0, count: 64)
            var count = bytes.count
            if sysctlbyname("kern.bootsessionuuid", &bytes, &count, nil, 0) != 0 { count = 0 }
            bytes = Array(bytes[..<max(0, count)].prefix { $0 != 0 })
        #endif
        return bytes.isEmpty ? "unknown" : String(decoding: bytes, as: UTF8.self)
    }()
}

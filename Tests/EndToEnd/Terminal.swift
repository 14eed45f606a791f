import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A pseudo terminal: what a process finds where a person sits.
final class Terminal: Sendable {
    /// The person's side.
    let master: Int32
    /// The process' side, its standard input, output and error.
    let slave: FileHandle

    init() throws {
        #if canImport(Glibc)
            // What posix_openpt, unlockpt and ptsname do; the module has none of them.
            master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (unlocked, number): (Int32, Int32) = (0, 0)
            guard master >= 0, ioctl(master, 0x4004_5431, &unlocked) == 0, ioctl(master, 0x8004_5430, &number) == 0
            else { throw CocoaError(.fileReadUnknown) }
            let name = "/dev/pts/\(number)"
        #else
            master = posix_openpt(O_RDWR | O_NOCTTY)
            guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
                throw CocoaError(.fileReadUnknown)
            }
        #endif
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        let descriptor = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        slave = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit { close(master) }

    /// Types a text, as a person does.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// What was written to it; empty at its end, which a terminal calls an error.
    func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        #if canImport(Glibc)
            let count = Glibc.read(master, &bytes, bytes.count)
        #else
            let count = Darwin.read(master, &bytes, bytes.count)
        #endif
        return count > 0 ? Array(bytes.prefix(count)) : []
    }
}

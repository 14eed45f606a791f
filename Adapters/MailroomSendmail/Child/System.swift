// The differences between the C libraries, kept in one place.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe whose ends no child inherits and none of which is standard input, output or error.
func openPipe() throws(SystemError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
        let result = pipe(&ends)
    #else
        // Atomically, or a child that another part of the process starts just now would hold the pipe open. The C
        // library's module leaves the function out.
        typealias Make = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
        let make = dlsym(nil, "pipe2").map { unsafeBitCast($0, to: Make.self) }
        let result = make.map { $0(&ends, O_CLOEXEC) } ?? pipe(&ends)
    #endif
    guard result == 0 else { throw SystemError.starting("The program", errno) }
    for index in 0..<2 {
        if ends[index] < 3 {
            let moved = fcntl(ends[index], F_DUPFD_CLOEXEC, 3)
            let code = errno
            close(ends[index])
            ends[index] = moved
            if moved < 0 {
                close(ends[1 - index])
                throw SystemError.starting("The program", code)
            }
        }
        _ = fcntl(ends[index], F_SETFD, FD_CLOEXEC)
    }
    return (ends[0], ends[1])
}

/// Makes a pipe as small as the system lets it be, one page. A pipe of one page has room again only once all that was
/// written to it has been read, and that is how its writer learns so. Elsewhere than on Linux a pipe has room earlier.
func shrinkPipe(_ descriptor: Int32) {
    #if os(Linux) || os(Android)
        // F_SETPIPE_SZ; the C library's module leaves it out.
        _ = fcntl(descriptor, 1031, 1 as Int32)
    #endif
}

func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

// The differences between the C libraries, kept in one place.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The error numbers used here, named.
enum Errno {
    static let connectionRefused = ECONNREFUSED
    static let timedOut = ETIMEDOUT
    static let connectionReset = ECONNRESET
    static let connectionAborted = ECONNABORTED
    static let brokenPipe = EPIPE
    static let hostUnreachable = EHOSTUNREACH
    static let networkUnreachable = ENETUNREACH
    static let networkDown = ENETDOWN
    static let addressNotAvailable = EADDRNOTAVAIL
    static let addressInUse = EADDRINUSE
    static let accessDenied = EACCES
    static let notPermitted = EPERM
    static let tooManyFilesInProcess = EMFILE
    static let tooManyFilesInSystem = ENFILE
}

/// The system's own words for an error number.
func systemText(for number: Int32) -> String {
    guard let text = strerror(number) else { return "unknown error" }
    return String(cString: text)
}

#if canImport(Glibc)
    let streamSocketType = Int32(SOCK_STREAM.rawValue)
    private let creationFlags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
#elseif canImport(Musl)
    let streamSocketType = SOCK_STREAM
    private let creationFlags = SOCK_CLOEXEC | SOCK_NONBLOCK
#else
    let streamSocketType = SOCK_STREAM
#endif

#if canImport(Darwin)
    /// Darwin has no per-call flag against SIGPIPE; `SO_NOSIGPIPE` is set on the socket instead.
    let sendFlags = Int32(MSG_DONTWAIT)
    let receiveFlags = Int32(MSG_DONTWAIT)
#else
    let receiveFlags = Int32(MSG_DONTWAIT)
    let sendFlags = Int32(MSG_NOSIGNAL) | receiveFlags
#endif

/// Opens a stream socket that no child process inherits and that never blocks nor raises SIGPIPE.
/// - Returns: the descriptor, or -1 with `errno` set.
func openStreamSocket(family: Int32) -> Int32 {
    #if canImport(Darwin)
        let descriptor = socket(family, streamSocketType, 0)
    #else
        let descriptor = socket(family, streamSocketType | creationFlags, 0)
    #endif
    if descriptor >= 0 { prepare(descriptor) }
    return descriptor
}

/// Makes a new socket non-blocking, private to this process and silent about SIGPIPE, where its creation did not.
func prepare(_ descriptor: Int32) {
    #if canImport(Darwin)
        makePrivateAndNonBlocking(descriptor)
        setOption(descriptor, level: SOL_SOCKET, option: SO_NOSIGPIPE, to: 1)
    #endif
    setOption(descriptor, level: Int32(IPPROTO_TCP), option: TCP_NODELAY, to: 1)
}

func makePrivateAndNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

/// Lets a plain `recv` on the socket block, but only for a moment.
func makeReadsBrief(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    var moment = timeval(tv_sec: 0, tv_usec: 2000)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &moment, socklen_t(MemoryLayout<timeval>.size))
}

func setOption(_ descriptor: Int32, level: Int32, option: Int32, to value: Int32) {
    var value = value
    _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}

/// Two connected descriptors, non-blocking and private to this process (on Linux sockets, whose flags are set atomically).
func openPipe() throws(SocketError) -> (reading: Int32, writing: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutablePointer(to: &ends) { pointer in
        pointer.withMemoryRebound(to: Int32.self, capacity: 2) { ends in
            #if canImport(Darwin)
                pipe(ends)
            #else
                socketpair(AF_UNIX, streamSocketType | creationFlags, 0, ends)
            #endif
        }
    }
    guard result == 0 else { throw SocketError(errno: errno, doing: "open a pipe") }
    #if canImport(Darwin)
        makePrivateAndNonBlocking(ends.0)
        makePrivateAndNonBlocking(ends.1)
    #endif
    return ends
}

/// Starts a detached thread with all signals blocked: the program's handlers run elsewhere, and writing to a pipe that
/// nobody reads is an error instead of the process's end.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(SocketError) {
    final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let argument = Unmanaged.passRetained(Start(body))
    var everySignal = sigset_t()
    var before = sigset_t()
    sigfillset(&everySignal)
    pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #if canImport(Darwin)
        var thread: pthread_t?
        let result = pthread_create(
            &thread, nil,
            {
                Unmanaged<Start>.fromOpaque($0).takeRetainedValue().body(); return nil
            },
            argument.toOpaque())
        let started = thread
    #else
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            {
                Unmanaged<Start>.fromOpaque($0!).takeRetainedValue().body(); return nil
            },
            argument.toOpaque())
        let started: pthread_t? = thread
    #endif
    guard result == 0, let started else {
        argument.release()
        throw SocketError(errno: result, doing: "start a thread")
    }
    pthread_detach(started)
}

// Within a type that has methods of the same names the calls need another one.

func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// Sends without waiting and without SIGPIPE.
func systemSend(_ descriptor: Int32, _ octets: UnsafeRawBufferPointer) -> Int {
    send(descriptor, octets.baseAddress, octets.count, sendFlags)
}

func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

func systemAccept(
    _ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ length: UnsafeMutablePointer<socklen_t>
) -> Int32 {
    accept(descriptor, address, length)
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A port of 127.0.0.1 that nobody listens on, and that is nobody else's for as long as this lives: connections are
/// refused.
package final class ClosedPort: Sendable {
    package let port: Int
    private let descriptor: Int32

    package init() throws {
        let socket = try LoopbackSocket()
        (port, descriptor) = (socket.port, socket.descriptor)
    }

    deinit { close(descriptor) }
}

/// A port of 127.0.0.1 that listens, but has as many connections waiting as it may: who connects hears nothing.
package final class FullBacklog {
    package struct NotFull: Error {}

    package let port: Int
    private var descriptors: [Int32] = []

    package init() throws {
        let listening = try LoopbackSocket()
        port = listening.port
        descriptors.append(listening.descriptor)
        guard listen(listening.descriptor, 1) == 0 else { throw NotFull() }
        // It is full once a connection does not come about.
        for _ in 0..<64 {
            let descriptor = LoopbackSocket.open()
            descriptors.append(descriptor)
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            var address = listening.address
            _ = LoopbackSocket.with(&address) { connect(descriptor, $0, $1) }
            var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&polled, 1, 100) == 0 { return }
        }
        throw NotFull()
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

/// A socket bound to a port of 127.0.0.1 that the system chose.
private struct LoopbackSocket {
    struct NoPort: Error {}

    let descriptor: Int32
    let address: sockaddr_in

    var port: Int { Int(UInt16(bigEndian: address.sin_port)) }

    init() throws {
        descriptor = Self.open()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = Self.with(&address) { [descriptor] in
            bind(descriptor, $0, $1) == 0 && getsockname(descriptor, $0, &length) == 0
        }
        self.address = address
        if !isBound {
            close(descriptor)
            throw NoPort()
        }
    }

    static func open() -> Int32 {
        #if canImport(Glibc)
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    static func with<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

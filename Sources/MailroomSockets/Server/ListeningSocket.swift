#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A socket that listens; closed by whoever owns it.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    let port: Int

    /// Listens on every address of a host, all with one port; an address family that the machine lacks is left out.
    static func open(host: String, port: Int) throws(SocketError) -> [ListeningSocket] {
        var found: [SocketAddress] = []
        for host in host == "*" ? ["0.0.0.0", "::"] : [host] {
            found += try addresses(
                of: host, port: port, until: .now + .seconds(30), interruption: SocketInterruption())
        }
        guard port == 0, found.count > 1 else { return try open(found, port: port, host: host) }
        // The port that the first address is given may be taken at another.
        for _ in 0..<16 {
            do throws(SocketError) { return try open(found, port: 0, host: host) } catch
                where error.code == .addressInUse
            {}
        }
        return try open(found, port: 0, host: host)
    }

    private static func open(_ found: [SocketAddress], port: Int, host: String) throws(SocketError) -> [ListeningSocket]
    {
        var sockets: [ListeningSocket] = []
        var failure: SocketError?
        for address in found {
            let port = port == 0 ? sockets.first?.port ?? 0 : port
            do throws(SocketError) {
                sockets.append(try open(address.with(port: port), name: endpointText(host: host, port: port)))
            } catch {
                failure = error
                // A machine may know IPv6 and have no address of it.
                let isLacking = [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.systemError) && found.count > 1
                if error.code == .unreachable || isLacking { continue }
                for socket in sockets { _ = close(socket.descriptor) }
                throw error
            }
        }
        if sockets.isEmpty, let failure { throw failure }
        return sockets
    }

    private static func open(_ address: SocketAddress, name: String) throws(SocketError) -> ListeningSocket {
        let descriptor = openStreamSocket(family: address.family)
        guard descriptor >= 0 else { throw SocketError(errno: errno, doing: "open a socket") }
        setOption(descriptor, level: SOL_SOCKET, option: SO_REUSEADDR, to: 1)
        if address.family == AF_INET6 { setOption(descriptor, level: Int32(IPPROTO_IPV6), option: IPV6_V6ONLY, to: 1) }
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1024) == 0,
            let own = SocketAddress(asking: { getsockname(descriptor, $0, $1) })
        else {
            let error = SocketError(errno: errno, doing: "listen on \(name)")
            _ = close(descriptor)
            throw error
        }
        return ListeningSocket(descriptor: descriptor, port: own.parts.port)
    }

    /// Takes the next connection that waits.
    /// - Returns: nil when none does, or the system has no descriptor for it (`exhausted`).
    func accept() -> (descriptor: Int32, address: SocketAddress?, exhausted: Bool)? {
        var accepted: Int32 = -1
        let address = SocketAddress(asking: { pointer, length in
            accepted = systemAccept(descriptor, pointer, length)
            return accepted >= 0 ? 0 : -1
        })
        if accepted >= 0 {
            makePrivateAndNonBlocking(accepted)
            prepare(accepted)
            return (accepted, address, false)
        }
        let full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM
        return full ? (-1, nil, true) : nil
    }
}

extension SocketAddress {
    /// The same address with another port, which lies at the same place in both families.
    func with(port: Int) -> SocketAddress {
        var octets = octets
        octets[2] = UInt8(truncatingIfNeeded: port >> 8)
        octets[3] = UInt8(truncatingIfNeeded: port)
        return SocketAddress(family: family, octets: octets)
    }
}

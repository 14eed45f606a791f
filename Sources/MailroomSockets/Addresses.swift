#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An address as the system calls take it.
struct SocketAddress: Sendable {
    let family: Int32
    /// The octets of the `sockaddr`, of any family.
    let octets: [UInt8]

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        octets.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
    }

    /// Asks a socket call such as `getsockname` for an address.
    init?(asking call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        guard found == 0 else { return nil }
        family = Int32(storage.ss_family)
        octets = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
    }

    init(family: Int32, octets: [UInt8]) {
        self.family = family
        self.octets = octets
    }

    init(_ found: addrinfo) {
        family = found.ai_family
        octets = Array(UnsafeRawBufferPointer(start: found.ai_addr, count: Int(found.ai_addrlen)))
    }

    /// Whether it is of the network that never leaves this machine: 127.0.0.0/8, written as IPv6 as well, or ::1.
    var isLoopback: Bool {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127]
        switch family {
        case AF_INET: return octets.dropFirst(4).first == 127
        case AF_INET6:
            let address = octets.dropFirst(8).prefix(16)
            return address.starts(with: mapped) || address.elementsEqual([UInt8](repeating: 0, count: 15) + [1])
        default: return false
        }
    }

    /// The numeric host and the port.
    var parts: (host: String, port: Int) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 32)
        let result = withPointer { address, length in
            getnameinfo(
                address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard result == 0 else { return ("?", 0) }
        return (text(host), Int(text(service)) ?? 0)
    }

    private func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Host and port for a person, an IPv6 address in brackets.
func endpointText(host: String, port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
}

/// Whether a host is this machine by its name or its numeric address. Nothing is asked: any other name is not.
package func isLoopback(host: String) -> Bool {
    if host.lowercased() == "localhost" { return true }
    guard !host.isEmpty, !host.utf8.contains(0) else { return false }
    return (try? lookUp(host: host, port: 0, flags: AI_NUMERICHOST))?.first?.isLoopback == true
}

/// Asks the resolver, blocking, for the stream addresses of a host.
func lookUp(host: String, port: Int, flags: Int32) throws(SocketError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = streamSocketType
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard result == 0 else { throw lookUpError(result, host: host) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
        addresses.append(SocketAddress(entry.pointee))
        next = entry.pointee.ai_next
    }
    return addresses
}

private func lookUpError(_ result: Int32, host: String) -> SocketError {
    let reason = gai_strerror(result).map { String(cString: $0) } ?? "unknown error"
    let passing = result == EAI_AGAIN || result == EAI_SYSTEM || result == EAI_MEMORY
    return SocketError(
        code: passing ? .nameLookupFailed : .nameNotFound,
        description: "Could not find the address of \"\(host)\": \(reason). "
            + (passing ? "Check the network and its name server, or try again." : "Check the host name's spelling."))
}

/// Who is asked for the addresses of a host by its name, blocking.
typealias Resolver = @Sendable (_ host: String, _ port: Int) throws(SocketError) -> [SocketAddress]

/// Finds a host's addresses; a name is looked up on a thread of its own, since `getaddrinfo` cannot be interrupted.
func addresses(
    of host: String, port: Int, until deadline: ContinuousClock.Instant, interruption: SocketInterruption,
    asking resolver: @escaping Resolver = { host, port throws(SocketError) in
        try lookUp(host: host, port: port, flags: 0)
    }
) throws(SocketError) -> [SocketAddress] {
    guard (0...65535).contains(port), !host.isEmpty, !host.utf8.contains(0) else {
        throw SocketError(
            code: .nameNotFound,
            description: "\"\(host)\" port \(port) is no address. Give a host and a port up to 65535.")
    }
    if let numeric = try? lookUp(host: host, port: port, flags: AI_NUMERICHOST), !numeric.isEmpty { return numeric }
    let answer = try BlockingAnswer<Result<[SocketAddress], SocketError>>()
    try startThread {
        answer.give(Result { () throws(SocketError) in try resolver(host, port) })
    }
    return try answer.wait(
        until: deadline, interruption: interruption, doing: "find the address of \"\(host)\""
    ).get()
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Numeric addresses as text and as the octets of certificates.
enum IPAddressText {
    /// Whether a server is called by its address and not by a name.
    static func isAddress(_ text: String) -> Bool {
        var space = in6_addr()
        return inet_pton(AF_INET, text, &space) == 1 || inet_pton(AF_INET6, text, &space) == 1
    }

    /// The text of 4 or 16 octets.
    static func text(of octets: [UInt8]) -> String {
        guard octets.count == 4 || octets.count == 16 else { return "?" }
        var text = [CChar](repeating: 0, count: 64)
        guard inet_ntop(octets.count == 4 ? AF_INET : AF_INET6, octets, &text, 64) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

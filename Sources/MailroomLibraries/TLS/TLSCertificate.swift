#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a peer's certificate says, in a form for people. The peer, or who signed, chose the words.
public struct TLSCertificate: Hashable, Sendable {
    /// Whose it is, such as `CN=mail.example.org`.
    public let subject: String
    /// Who signed it.
    public let issuer: String
    /// The host names and addresses that it is for.
    public let names: [String]
    /// From when on it is valid, in seconds since 1970 (UTC).
    public let notBefore: Int64
    /// Until when it is valid, in seconds since 1970 (UTC).
    public let notAfter: Int64
    /// ``notBefore`` as `2026-01-31 23:59:59 UTC`.
    public let notBeforeText: String
    /// ``notAfter`` as `2026-01-31 23:59:59 UTC`.
    public let notAfterText: String

    /// Reads a certificate that stays the caller's.
    init(_ certificate: OpaquePointer, _ crypto: CryptoFunctions) {
        subject = Self.text(of: crypto.subject(certificate), crypto)
        issuer = Self.text(of: crypto.issuer(certificate), crypto)
        names = Self.names(of: certificate, crypto)
        (notBefore, notBeforeText) = Self.time(crypto.notBefore(certificate), crypto)
        (notAfter, notAfterText) = Self.time(crypto.notAfter(certificate), crypto)
    }

    private static func text(of name: OpaquePointer?, _ crypto: CryptoFunctions) -> String {
        guard let name, let bio = crypto.newBIO(crypto.memoryMethod()) else { return "?" }
        defer { _ = crypto.freeBIO(bio) }
        _ = crypto.printName(bio, name, 0, CryptoFunctions.readableName)
        let octets = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
            count = max(0, Int(crypto.readBIO(bio, buffer.baseAddress, Int32(buffer.count))))
        }
        return octets.isEmpty ? "nobody" : String(decoding: octets, as: UTF8.self)
    }

    private static func time(_ time: OpaquePointer?, _ crypto: CryptoFunctions) -> (Int64, String) {
        var parts = tm()
        guard let time, crypto.brokenDownTime(time, &parts) == 1 else { return (0, "an unreadable date") }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let text = "\(date) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
        return (Int64(timegm(&parts)), text)
    }

    /// The alternative names, or where there are none the common name, as OpenSSL compares them.
    private static func names(of certificate: OpaquePointer, _ crypto: CryptoFunctions) -> [String] {
        guard let list = crypto.decodedExtension(certificate, CryptoFunctions.subjectAlternativeNames, nil, nil) else {
            var text = [CChar](repeating: 0, count: 256)
            let count = crypto.nameText(crypto.subject(certificate), CryptoFunctions.commonName, &text, 256)
            return count > 0 ? [printable(text.prefix(Int(min(count, 255))).map(UInt8.init(bitPattern:)))] : []
        }
        defer { crypto.freeNames(list) }
        return (0..<crypto.count(list)).compactMap { index in
            var kind: Int32 = 0
            guard let value = crypto.nameValue(crypto.element(list, index), &kind),
                kind == CryptoFunctions.nameIsDNS || kind == CryptoFunctions.nameIsAddress
            else { return nil }
            let octets = Array(UnsafeBufferPointer(start: crypto.octets(value), count: Int(crypto.length(value))))
            return kind == CryptoFunctions.nameIsDNS ? printable(octets) : IPAddressText.text(of: octets)
        }
    }

    private static func printable(_ octets: [UInt8]) -> String {
        String(decoding: octets.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

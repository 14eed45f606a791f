/// Which addresses a letter may link to: those that open a page, a mail or a call, and nothing that runs.
enum LinkAddress {
    static let allowed = "https:, http:, mailto: or tel:"

    static func isAllowed(_ address: String) -> Bool {
        let scheme = address.prefix { $0 != ":" }
        guard scheme.count < address.count else { return false }
        return ["https", "http", "mailto", "tel"].contains(scheme.lowercased())
    }

    /// A value as part of an address: everything but unreserved characters (RFC 3986 §2.3) percent-encoded.
    static func encoded(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

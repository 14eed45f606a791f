/// Which addresses a letter may link to: those that open a page, a mail or a call, and nothing that runs.
enum AddressScheme {
    static func isAllowed(_ address: [UInt8]) -> Bool {
        guard let colon = address.prefix(8).firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = address[..<colon]
        let allowed: [StaticString] = ["https", "http", "mailto", "tel"]
        return allowed.contains { name in
            name.utf8CodeUnitCount == scheme.count
                && zip(scheme, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
                    .allSatisfy { $0 | 0x20 == $1 }
        }
    }

    /// Adds a byte to an address, percent-encoded where an address must not have it, and within a value everything but
    /// unreserved characters (RFC 3986 §2).
    static func append(_ byte: UInt8, to address: inout [UInt8], isValue: Bool) {
        let stays =
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
            case 0...0x20, 0x7F..., 0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B...0x7D: false
            default: !isValue
            }
        if stays {
            address.append(byte)
        } else {
            address.append(UInt8(ascii: "%"))
            address.append(digit(byte >> 4))
            address.append(digit(byte & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    /// Whether a text looks like the address of a mailbox: `name@example.org`.
    static func isMailbox(_ text: [UInt8]) -> Bool {
        guard let at = text.firstIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < text.count else { return false }
        for (index, byte) in text.enumerated() where index != at {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): continue
            default:
                guard index < at, ".!#$%&'*+/=?^_`{|}~".utf8.contains(byte) else { return false }
            }
        }
        let labels = text[(at + 1)...].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        }
    }
}

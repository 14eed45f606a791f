/// Address literals in a domain (RFC 5321 §4.1.3).
enum AddressLiteral {
    /// Whether the text between the brackets is an IPv4 address or `IPv6:` and an IPv6 address.
    static func isValid(_ inner: Substring) -> Bool {
        if inner.utf8.count > 5, ASCII.equalIgnoringCase(inner.utf8.prefix(5), "IPv6:".utf8) {
            return isIPv6(Substring(inner.utf8.dropFirst(5)))
        }
        return isIPv4(inner)
    }

    static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4
            && octets.allSatisfy { octet in
                (1...3).contains(octet.utf8.count) && octet.utf8.allSatisfy { (48...57).contains($0) }
                    && (UInt16(octet) ?? 256) < 256 && (octet.utf8.count == 1 || octet.utf8.first != 48)
            }
    }

    static func isIPv6(_ text: Substring) -> Bool {
        guard (2...45).contains(text.utf8.count), text.utf8.allSatisfy({ $0 < 128 }) else { return false }
        var groups = 0
        var compressed = false
        var rest = text
        if rest.hasPrefix("::") {
            compressed = true
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            let group = rest[..<end]
            if end == rest.endIndex, group.contains(".") {
                guard isIPv4(group) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ ASCII.hexValue($0) != nil }) else {
                return false
            }
            groups += 1
            if end == rest.endIndex { break }
            rest = rest[end...].dropFirst()
            if rest.isEmpty { return false }
            if rest.first == ":" {
                if compressed { return false }
                compressed = true
                rest = rest.dropFirst()
            }
        }
        return compressed ? groups < 8 : groups == 8
    }
}

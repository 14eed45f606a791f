extension Recipient {
    /// Whether this is the address, without regard to the case of ASCII letters.
    package func hasAddress(_ other: String) -> Bool {
        address.utf8.count == other.utf8.count && address.utf8.elementsEqual(other.utf8) { lowered($0) == lowered($1) }
    }
}

extension String {
    /// Whether an address stands somewhere in the text, without regard to the case of ASCII letters.
    package func containsAddress(_ address: String) -> Bool {
        let (text, sought) = (Array(utf8.map(lowered)), Array(address.utf8.map(lowered)))
        guard !sought.isEmpty, text.count >= sought.count else { return false }
        return (0...text.count - sought.count).contains { text[$0...].starts(with: sought) }
    }
}

private func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

/// Finds the values that parts of a letter show.
enum PartKeys {
    /// The keys of the values in parts, in the markup's order, each once.
    static func of(_ parts: [LetterPart], in body: [UInt8], _ origins: [Origin]) -> [String] {
        var keys: [String] = []
        var isWithin = false
        var isInValue = false
        var offset = 0
        var next = 0
        for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }
            if !isInValue, text.starts(with: ":::".utf8) {
                let name = text.drop { $0 == UInt8(ascii: ":") || $0 == 0x20 || $0 == 0x09 }
                isWithin = parts.contains { name.elementsEqual($0.rawValue.utf8) }
            }
            offset += line.count + 1
            while next < origins.count, origins[next].offset < offset {
                if isWithin, let key = origins[next].key?.name, !keys.contains(key) { keys.append(key) }
                next += 1
            }
            if let last = line.last(where: { $0 == Guard.open || $0 == Guard.close }) { isInValue = last == Guard.open }
        }
        return keys
    }
}

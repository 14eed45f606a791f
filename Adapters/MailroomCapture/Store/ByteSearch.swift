/// A word to look for without regard to the case of ASCII letters, and of others as far as Swift lowers them.
struct ByteSearch {
    private let needle: [UInt8]
    private let isASCII: Bool

    init(_ text: String) {
        needle = Array(text.lowercased().utf8)
        isASCII = needle.allSatisfy { $0 < 128 }
    }

    func isFound(in text: String) -> Bool {
        isASCII ? isFound(in: Array(text.utf8)) : isFound(in: Array(text.lowercased().utf8))
    }

    func isFound(in bytes: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        let other = (97...122).contains(first) ? first & ~32 : first
        return bytes.withUnsafeBufferPointer { bytes in
            needle.withUnsafeBufferPointer { needle in
                var index = 0
                let last = bytes.count - needle.count
                while index <= last {
                    if bytes[index] == first || bytes[index] == other {
                        var length = 1
                        while length < needle.count, Self.lowered(bytes[index + length]) == needle[length] {
                            length += 1
                        }
                        if length == needle.count { return true }
                    }
                    index += 1
                }
                return false
            }
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}

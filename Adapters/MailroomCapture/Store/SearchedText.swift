/// A mail's words in small letters, by where they stand.
struct SearchedText: Sendable {
    /// Where a word is looked for.
    enum Place: Int {
        case sender, recipients, subject, rest
    }

    private var bytes: [UInt8] = []
    /// Where each place's text ends; they follow each other.
    private var ends = [0, 0, 0, 0]
    /// Beyond so many octets no text is added to a place.
    private static let limits = [4 << 10, 64 << 10, 4 << 10, 64 << 10]

    /// So many octets there are at most, with what stands between texts.
    static let maximumCount = limits.reduce(0) { $0 + $1 + 1 }

    /// Adds text to a place; those before it must be complete.
    mutating func add(_ place: Place, _ text: String) {
        let start = place.rawValue == 0 ? 0 : ends[place.rawValue - 1]
        let room = Self.limits[place.rawValue] - (bytes.count - start)
        guard room > 0 else { return }
        // What is far beyond the limit need not be folded.
        let text = text.utf8.count > 4 * room ? String(text.prefix(4 * room)) : text
        bytes.append(contentsOf: Self.folded(text).prefix(room))
        // Words of two texts are not to be taken for one.
        bytes.append(10)
        for index in place.rawValue..<ends.count { ends[index] = bytes.count }
    }

    /// Whether a word in small letters occurs, anywhere or in one place.
    func contains(_ word: [UInt8], in place: Place? = nil) -> Bool {
        let start = place.map { $0.rawValue == 0 ? 0 : ends[$0.rawValue - 1] } ?? 0
        let end = place.map { ends[$0.rawValue] } ?? bytes.count
        if word.isEmpty { return true }
        return bytes.withUnsafeBytes { bytes in
            word.withUnsafeBytes { word in
                OctetSearch.first(word, in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) != nil
            }
        }
    }

    /// Text in small letters, runs of blanks and line breaks as one blank.
    static func folded(_ text: String) -> [UInt8] {
        var text = text
        let isASCII = text.withUTF8 { !$0.contains { $0 >= 128 } }
        if !isASCII { text = text.lowercased() }
        return text.withUTF8 { oneLine($0, smallLetters: true) }
    }

    /// Text with runs of blanks, line breaks and control characters as one blank, and none at its beginning.
    static func oneLine(_ text: some Collection<UInt8>, smallLetters: Bool = false) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: text.count) { buffer, count in
            var followsBlank = true
            for byte in text {
                let isBlank = byte <= 32
                if isBlank, followsBlank { continue }
                buffer[count] = isBlank ? 32 : smallLetters && byte &- 65 < 26 ? byte | 32 : byte
                count += 1
                followsBlank = isBlank
            }
        }
    }
}

/// Header and body of a mail or part the way MailHog reads them, which is not the way of RFC 5322; its clients rely on
/// it: the last of repeated fields wins, names keep their case, a field without a blank after its colon is left out, and
/// where no empty line is, everything is body.
struct MailHogContent {
    /// A field, and what was added to it on arrival.
    struct Field {
        let name: ArraySlice<UInt8>
        var values: [ArraySlice<UInt8>]
    }

    /// Multiparts within multiparts deeper than this are not split any further.
    private static let maximumDepth = 16
    /// A mail with more parts or fields than this was made to fill the memory.
    static let maximumParts = 10_000
    static let maximumFields = 10_000
    /// Of multiparts within multiparts so many octets in all are split: each level repeats what it contains.
    static let maximumNestedBytes = 16 << 20

    /// How much of a mail may still be split.
    private struct Room {
        var parts: Int
        var nestedBytes = MailHogContent.maximumNestedBytes
    }

    /// Each name once, in the order of their octets.
    private(set) var fields: [Field]
    private(set) var body: ArraySlice<UInt8>
    private(set) var size: Int
    /// The parts of a multipart, its preamble first and what follows its end last; nil for anything else. None where the
    /// boundary is not known.
    private(set) var parts: [MailHogContent]?

    /// Reads header and body, and the parts unless only the header matters.
    init(_ bytes: ArraySlice<UInt8>, splits: Bool = true) {
        var room = Room(parts: splits ? Self.maximumParts : 0)
        self.init(bytes, depth: 0, room: &room)
    }

    /// The header of a mail of so many octets, and nothing else.
    init(header: ArraySlice<UInt8>, ofSize size: Int) {
        self.init(header, splits: false)
        body = []
        self.size = size
    }

    private init(_ bytes: ArraySlice<UInt8>, depth: Int, room: inout Room) {
        size = bytes.count
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
            fields = []
            body = bytes
            return
        }
        fields = Self.fields(of: bytes[..<end.lowerBound])
        body = bytes[end.upperBound...]
        guard room.parts > 0, let type = self["Content-Type"]?.first, type.starts(with: "multipart/".utf8),
            depth < Self.maximumDepth, depth == 0 || room.nestedBytes >= body.count
        else { return }
        if depth > 0 { room.nestedBytes -= body.count }
        parts = []
        guard let boundary = ContentTypeBoundary.find(in: type) else { return }
        var pieces = Pieces(of: body, between: [45, 45] + boundary)
        while room.parts > 0, let piece = pieces.next() {
            if piece.isEmpty { continue }
            room.parts -= 1
            parts?.append(MailHogContent(piece.trimmed, depth: depth + 1, room: &room))
        }
    }

    /// The values of a field, its name taken to the letter.
    subscript(name: String) -> [ArraySlice<UInt8>]? {
        fields.first { $0.name.elementsEqual(name.utf8) }?.values
    }

    /// Adds a value behind those of a field, which is made where it is missing.
    mutating func append(_ value: [UInt8], to name: ArraySlice<UInt8>) {
        if let index = fields.firstIndex(where: { $0.name == name }) { return fields[index].values.append(value[...]) }
        let place = fields.firstIndex { name.lexicographicallyPrecedes($0.name) } ?? fields.endIndex
        fields.insert(Field(name: name, values: [value[...]]), at: place)
    }

    /// A header's fields; a folded one is put together, its line breaks left out.
    private static func fields(of header: ArraySlice<UInt8>) -> [Field] {
        var found: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        var folded: [UInt8] = []
        func endFolding() {
            if !folded.isEmpty { found[found.count - 1].value = folded[...] }
            folded = []
        }
        var lines = Pieces(of: header, between: [13, 10])
        while found.count < maximumFields, let line = lines.next() {
            if !found.isEmpty, line.first == 32 || line.first == 9 {
                if folded.isEmpty { folded = Array(found[found.count - 1].value) }
                folded.append(contentsOf: line)
            } else if let colon = line.firstRange(of: [58, 32]) {
                endFolding()
                found.append((line[..<colon.lowerBound], line[colon.upperBound...]))
            }
        }
        endFolding()
        // Stable, so that of those with the same name the last in the header is the last here.
        let sorted = found.enumerated().sorted { one, other in
            if one.element.name.lexicographicallyPrecedes(other.element.name) { return true }
            return one.element.name == other.element.name && one.offset < other.offset
        }
        var fields: [Field] = []
        fields.reserveCapacity(sorted.count + 3)
        for (_, field) in sorted {
            if fields.last?.name == field.name { fields.removeLast() }
            fields.append(Field(name: field.name, values: [field.value]))
        }
        return fields
    }
}

extension ArraySlice<UInt8> {
    /// Where a sequence of octets is first found.
    func firstRange(of needle: [UInt8]) -> Range<Int>? {
        let place = withUnsafeBytes { bytes in needle.withUnsafeBytes { OctetSearch.first($0, in: bytes) } }
        guard let place, !needle.isEmpty else { return nil }
        return startIndex + place..<startIndex + place + needle.count
    }

    /// Without line breaks at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        var bytes = drop { $0 == 13 || $0 == 10 }
        while let last = bytes.last, last == 13 || last == 10 { bytes.removeLast() }
        return bytes
    }
}

/// What stands between separators, one after the other.
private struct Pieces {
    private var rest: ArraySlice<UInt8>?
    private let separator: [UInt8]

    init(of bytes: ArraySlice<UInt8>, between separator: [UInt8]) {
        rest = bytes
        self.separator = separator
    }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let bytes = rest else { return nil }
        guard let found = bytes.firstRange(of: separator) else {
            rest = nil
            return bytes
        }
        rest = bytes[found.upperBound...]
        return bytes[..<found.lowerBound]
    }
}

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

    /// Each name once, in the order of their octets.
    private(set) var fields: [Field]
    let body: ArraySlice<UInt8>
    let size: Int
    /// The parts of a multipart, its preamble first and what follows its end last; nil for anything else. None where the
    /// boundary is not known.
    private(set) var parts: [MailHogContent]?

    /// Reads header and body, and the parts unless only the header matters.
    init(_ bytes: ArraySlice<UInt8>, splits: Bool = true, depth: Int = 0) {
        size = bytes.count
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
            fields = []
            body = bytes
            return
        }
        fields = Self.fields(of: bytes[..<end.lowerBound])
        body = bytes[end.upperBound...]
        guard splits, let type = self["Content-Type"]?.first, type.starts(with: "multipart/".utf8),
            depth < Self.maximumDepth
        else { return }
        parts = []
        guard let boundary = ContentTypeBoundary.find(in: type) else { return }
        for piece in body.pieces(between: [45, 45] + boundary) where !piece.isEmpty {
            parts?.append(MailHogContent(piece.trimmed, depth: depth + 1))
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
        for line in header.pieces(between: [13, 10]) {
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

    fileprivate func pieces(between separator: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = self
        while let found = rest.firstRange(of: separator) {
            pieces.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        pieces.append(rest)
        return pieces
    }

    /// Without line breaks at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        var bytes = drop { $0 == 13 || $0 == 10 }
        while let last = bytes.last, last == 13 || last == 10 { bytes.removeLast() }
        return bytes
    }
}

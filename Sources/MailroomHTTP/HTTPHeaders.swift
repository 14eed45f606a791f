/// Header fields in their order; names compare without regard to case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// A field's name and value as they travel.
    public struct Field: Sendable, Hashable {
        /// A token, its case kept.
        public let name: String
        /// The value without surrounding blanks.
        public let value: String
    }

    /// All fields, repeated ones too.
    public private(set) var fields: [Field] = []

    /// Fields from pairs of name and value.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// The first value of that name. Setting one removes the others.
    public subscript(name: String) -> String? {
        get { fields.first { equalsIgnoringCase($0.name, name) }?.value }
        set {
            fields.removeAll { equalsIgnoringCase($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// All values of that name, in order.
    public func values(_ name: String) -> [String] {
        fields.filter { equalsIgnoringCase($0.name, name) }.map(\.value)
    }

    /// Adds a field behind the others. Control characters, which would forge further fields, are replaced by blanks.
    public mutating func append(_ name: String, _ value: String) {
        let isClean = value.utf8.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }
        let value =
            isClean
            ? value
            : String(String.UnicodeScalarView(value.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        fields.append(Field(name: name, value: value))
    }
}

/// Whether two names are the same but for the case of ASCII letters.
func equalsIgnoringCase(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }

/// The fields of a message's header, where they lie in its bytes.
struct HeaderSection {
    struct Field {
        /// In lower case.
        let name: String
        /// From the first octet of the name to behind the line ending.
        let range: Range<Int>
    }

    /// From the top down. Lines that are no field are left out.
    let fields: [Field]
    /// Where the body begins: behind the empty line.
    let bodyStart: Int

    init(_ message: UnsafeRawBufferPointer) {
        var fields: [Field] = []
        var at = 0
        while at < message.count {
            if message[at] == 13, at + 1 < message.count, message[at + 1] == 10 {
                at += 2
                break
            }
            let start = at
            repeat {
                while at < message.count, message[at] != 10 { at += 1 }
                at = min(at + 1, message.count)
            } while at < message.count && isBlank(message[at])
            if let name = Self.name(in: message[start..<at]) { fields.append(Field(name: name, range: start..<at)) }
        }
        self.fields = fields
        bodyStart = at
    }

    private static func name(in field: Slice<UnsafeRawBufferPointer>) -> String? {
        guard let colon = field.firstIndex(of: 58) else { return nil }
        var name = field[..<colon]
        while let last = name.last, isBlank(last) { name.removeLast() }
        guard !name.isEmpty, name.allSatisfy({ 33...126 ~= $0 }) else { return nil }
        return String(decoding: name, as: UTF8.self).lowercased()
    }
}

/// Space or tab: WSP of RFC 5234 §B.1.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

/// The boundary parameter of a Content-Type (RFC 2045, 5.1).
enum ContentTypeBoundary {
    static func find(in type: ArraySlice<UInt8>) -> [UInt8]? {
        guard var rest = skip(to: UInt8(ascii: ";"), in: type) else { return nil }
        while true {
            rest = rest.dropFirst().drop { isBlank($0) }
            let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            rest = rest[name.endIndex...]
            if rest.first == UInt8(ascii: "=") {
                rest = rest.dropFirst().drop { isBlank($0) }
                let value = takeValue(&rest)
                if isBoundary(name) { return value.isEmpty ? nil : value }
            }
            guard let next = skip(to: UInt8(ascii: ";"), in: rest) else { return nil }
            rest = next
        }
    }

    private static func isBoundary(_ name: ArraySlice<UInt8>) -> Bool {
        name.filter { !isBlank($0) }.map { $0 | 0x20 }.elementsEqual("boundary".utf8)
    }

    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { $0 != UInt8(ascii: ";") && !isBlank($0) }
            rest = rest[value.endIndex...]
            return Array(value)
        }
        var value: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return value
    }

    private static func skip(to byte: UInt8, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        bytes.firstIndex(of: byte).map { bytes[$0...] }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}

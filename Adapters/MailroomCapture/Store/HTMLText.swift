/// The words of HTML, roughly: for a line in a list and for searches, not for display.
enum HTMLText {
    /// Beyond so many octets HTML is not looked at.
    private static let limit = 256 << 10
    private static let hidden = ["style", "script", "head", "title"].map { Array($0.utf8) }
    private static let entities: [(name: [UInt8], text: [UInt8])] = [
        ("nbsp", " "), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("#39", "'"), ("apos", "'"), ("amp", "&"),
        ("shy", ""), ("zwnj", ""),
    ].map { (Array($0.utf8) + [UInt8(ascii: ";")], Array($1.utf8)) }

    static func words(of html: String) -> String {
        let bytes = Array(html.utf8.prefix(limit))
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "<"):
                text.append(32)
                index = endOfTag(at: index, in: bytes)
            case UInt8(ascii: "&"):
                let rest = bytes[(index + 1)...]
                if let (name, character) = entities.first(where: { rest.starts(with: $0.name) }) {
                    text += character
                    index += 1 + name.count
                } else {
                    text.append(bytes[index])
                    index += 1
                }
            case let byte:
                text.append(byte)
                index += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The place after a tag, or after the element where what is in it is not shown.
    private static func endOfTag(at start: Int, in bytes: [UInt8]) -> Int {
        if bytes[start...].starts(with: "<!--".utf8) {
            return bytes[start...].firstRange(of: Array("-->".utf8))?.upperBound ?? bytes.count
        }
        guard let close = bytes[start...].firstIndex(of: UInt8(ascii: ">")) else { return bytes.count }
        let name = bytes[(start + 1)..<close].prefix { $0 | 32 >= 97 && $0 | 32 <= 122 }.map { $0 | 32 }
        guard hidden.contains(name), bytes[close - 1] != UInt8(ascii: "/") else { return close + 1 }
        var index = close + 1
        while let open = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            let tag = bytes[(open + 1)...].prefix(name.count + 1)
            if tag.first == UInt8(ascii: "/"), tag.dropFirst().elementsEqual(name, by: { $0 | 32 == $1 }) {
                return bytes[open...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count
            }
            index = open + 1
        }
        return bytes.count
    }
}

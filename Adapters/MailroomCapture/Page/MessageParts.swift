import MailroomMIME

/// A mail taken apart for the page: its entities numbered as they come, the whole being 0.
struct MessageParts {
    struct Part {
        let number: Int
        /// How deep it lies; the whole is at 0.
        let depth: Int
        let entity: Entity

        var isPDF: Bool { entity.isPDF }

        /// A name to show and to save under.
        var name: String {
            if let name = entity.fileName, !name.isEmpty { return name }
            let type = entity.contentType
            let suffix =
                switch type.essence {
                case "text/plain": "txt"
                case "message/rfc822": "eml"
                case "image/jpeg": "jpg"
                case "image/svg+xml": "svg"
                case "application/octet-stream": "bin"
                default: type.subtype.allSatisfy { $0.isLetter || $0.isNumber } ? type.subtype : "bin"
                }
            return "part-\(number).\(suffix)"
        }
    }

    let whole: Entity
    let all: [Part]

    init(of message: CapturedMessage) {
        // What unfolds to more than it has in octets is made to.
        let limits = ReaderLimits(depth: 16, bodyOctets: max(1 << 20, 2 * message.size))
        whole = Entity(parsing: message.bytes, limits: limits)
        var all: [Part] = []
        func visit(_ entity: Entity, depth: Int) {
            all.append(Part(number: all.count, depth: depth, entity: entity))
            for part in entity.parts { visit(part, depth: depth + 1) }
        }
        visit(whole, depth: 0)
        self.all = all
    }

    var html: String? { whole.html }
    var plainText: String? { whole.plainText }
    var pdfs: [Part] { all.filter(\.isPDF) }
    /// What is neither a container nor one of the texts.
    var attachments: [Part] {
        all.filter { part in
            part.entity.contentType.type != "multipart" && part.number != 0
                && (part.entity.disposition == "attachment" || part.entity.fileName != nil
                    || part.entity.contentType.type != "text")
        }
    }

    subscript(number: Int) -> Part? { all.indices.contains(number) ? all[number] : nil }

    /// The HTML with its references to other parts (`cid:`) turned to addresses of this server.
    func html(linkingTo address: (Int) -> String) -> String? {
        guard let html else { return nil }
        let numbers = Dictionary(
            all.compactMap { part in part.entity.contentID.map { ($0, part.number) } },
            uniquingKeysWith: { first, _ in first })
        return numbers.isEmpty ? html : Self.replacingReferences(in: html, numbers, address)
    }

    private static func replacingReferences(
        in html: String, _ numbers: [String: Int], _ address: (Int) -> String
    ) -> String {
        let bytes = Array(html.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let quote = index > 0 ? bytes[index - 1] : 0
            let follows = [34, 39, 40, 61].contains(quote) && bytes.count - index > 4
            guard follows, bytes[index..<index + 4].map({ $0 | 32 }) == [99, 105, 100, 58] else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let reference = bytes[(index + 4)...].prefix { ![34, 39, 41, 62, 32].contains($0) }
            if let name = percentDecoded(reference), let number = numbers[name] {
                result.append(contentsOf: address(number).utf8)
            } else {
                result.append(contentsOf: bytes[index..<reference.endIndex])
            }
            index = reference.endIndex
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}

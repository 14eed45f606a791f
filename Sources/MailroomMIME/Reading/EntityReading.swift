/// Takes a message apart within its limits.
struct EntityReading {
    private let limits: ReaderLimits
    private var partsLeft: Int
    private var octetsLeft: Int

    init(_ limits: ReaderLimits) {
        self.limits = limits
        partsLeft = limits.parts
        octetsLeft = limits.bodyOctets
    }

    mutating func entity(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, depth: Int, inDigest: Bool
    ) -> Entity {
        let header = HeaderReading(bytes, range, limits)
        func value(_ name: String) -> String? {
            header.fields.first { ASCII.equalIgnoringCase($0.name, name) }?.value
        }
        let type =
            value("Content-Type").flatMap { ParameterReading.mediaType($0) } ?? (inDigest ? .message : .plainText)
        let disposition = value("Content-Disposition").map { ParameterReading($0) }
        let coding = Self.coding(value("Content-Transfer-Encoding"))

        var parts: [Entity] = []
        var body: [UInt8] = []
        var cut = header.isTruncated
        var name = disposition?["filename"] ?? type["name"]
        let content = header.end..<range.upperBound
        if type.type == "multipart", let boundary = type["boundary"].map({ Array($0.utf8) }), !boundary.isEmpty {
            if depth < limits.depth {
                // Composite types must not be encoded (RFC 2045 §6.4); some are in base64 all the same.
                if coding == .base64 {
                    let decoded = take(bytes, content, coding, &cut)
                    parts = decoded.withUnsafeBufferPointer {
                        self.parts($0, 0..<$0.count, boundary, type, depth, &cut)
                    }
                } else {
                    parts = self.parts(bytes, content, boundary, type, depth, &cut)
                }
            } else {
                cut = true
            }
            if parts.isEmpty { body = take(bytes, content, coding, &cut) }
        } else {
            body = take(bytes, content, coding, &cut)
            if type.type == "message", type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "news" {
                if depth < limits.depth, partsLeft > 0 {
                    partsLeft -= 1
                    parts = [
                        body.withUnsafeBufferPointer { entity($0, 0..<$0.count, depth: depth + 1, inDigest: false) }
                    ]
                } else {
                    cut = true
                }
            }
            if coding == .uuencode, name == nil {
                name = bytes.count > 0 ? UUCoding.fileName(bytes[content]) : nil
            }
        }
        return Entity(
            fields: header.fields, contentType: type, parts: parts, body: body, disposition: disposition?.word,
            fileName: name.flatMap(Self.safeFileName), contentID: value("Content-ID").flatMap(Self.bare),
            isTruncated: cut || parts.contains { $0.isTruncated })
    }

    private mutating func parts(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ boundary: [UInt8], _ type: MediaType, _ depth: Int,
        _ cut: inout Bool
    ) -> [Entity] {
        var delimiters = MultipartReading(bytes, range, boundary)
        var parts: [Entity] = []
        while let part = delimiters.next() {
            guard partsLeft > 0 else {
                cut = true
                break
            }
            partsLeft -= 1
            parts.append(entity(bytes, part, depth: depth + 1, inDigest: type.subtype == "digest"))
        }
        return parts
    }

    /// The content with its transfer encoding undone, as far as the limit allows.
    private mutating func take(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ coding: Coding, _ cut: inout Bool
    ) -> [UInt8] {
        let allowed = octetsLeft
        var decoded: [UInt8]
        let slice = UnsafeBufferPointer(rebasing: bytes[range])
        switch coding {
        case .none:
            decoded = Array(slice.prefix(allowed))
            if slice.count > allowed { cut = true }
        case .base64: decoded = Base64.decode(slice)
        case .quotedPrintable: decoded = QuotedPrintable.decode(slice)
        case .uuencode: decoded = UUCoding.decode(slice)
        }
        if decoded.count > allowed {
            decoded.removeLast(decoded.count - allowed)
            cut = true
        }
        octetsLeft -= decoded.count
        return decoded
    }

    private enum Coding { case none, base64, quotedPrintable, uuencode }

    private static func coding(_ value: String?) -> Coding {
        switch value.map({ ParameterReading($0).word }) {
        case "base64": .base64
        case "quoted-printable": .quotedPrintable
        case "x-uuencode", "x-uue", "uuencode": .uuencode
        default: .none
        }
    }

    /// The last component without controls: a receiver ignores folders (RFC 2183 §2.3).
    private static func safeFileName(_ name: String) -> String? {
        let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last
        let clean = String(
            String.UnicodeScalarView((last ?? Substring.UnicodeScalarView()).filter { !ScalarRules.isControl($0) }))
        let trimmed = ParameterReading.trimmed(clean)
        return trimmed.isEmpty || trimmed == "." || trimmed == ".." ? nil : trimmed
    }

    private static func bare(_ id: String) -> String? {
        var id = ParameterReading.trimmed(id).utf8[...]
        if id.first == UInt8(ascii: "<") { id.removeFirst() }
        if id.last == UInt8(ascii: ">") { id.removeLast() }
        return id.isEmpty ? nil : String(Substring(id))
    }
}

/// Header and body of a mail or part the way MailHog reads them, which is not the way of RFC 5322; its clients rely on
/// it: the last of repeated fields wins, names keep their case, a field without a blank after its colon is left out.
struct MailHogContent {
    /// By name, as JSON shows them.
    var headers: [String: [[UInt8]]] = [:]
    let body: ArraySlice<UInt8>
    let size: Int
    /// The parts of a multipart, its preamble first and what follows its end last; nil for anything else.
    private(set) var parts: [MailHogContent]?

    init(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
        size = bytes.count
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
            body = bytes
            return
        }
        body = bytes[end.upperBound...]
        readHeaders(bytes[..<end.lowerBound])
        guard let type = headers["Content-Type"]?.first, type.starts(with: "multipart/".utf8), depth < 32 else {
            return
        }
        parts = []
        guard let boundary = Self.boundary(of: type) else { return }
        for piece in Self.split(body, at: Array("--".utf8) + boundary) where !piece.isEmpty {
            parts?.append(MailHogContent(Self.trimmed(piece), depth: depth + 1))
        }
    }

    private mutating func readHeaders(_ bytes: ArraySlice<UInt8>) {
        var last: String?
        for line in Self.split(bytes, at: [13, 10]) {
            if let last, line.first == 32 || line.first == 9 {
                headers[last]?[0].append(contentsOf: line)
            } else if let colon = line.firstRange(of: [58, 32]) {
                let name = String(decoding: line[..<colon.lowerBound], as: UTF8.self)
                headers[name] = [Array(line[colon.upperBound...])]
                last = name
            }
        }
    }

    private static func split(_ bytes: ArraySlice<UInt8>, at separator: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let found = rest.firstRange(of: separator) {
            pieces.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        return pieces + [rest]
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 == 13 || $0 == 10 }
        while let last = bytes.last, last == 13 || last == 10 { bytes.removeLast() }
        return bytes
    }

    private static func boundary(of type: [UInt8]) -> [UInt8]? {
        let text = String(decoding: type, as: UTF8.self)
        for parameter in text.split(separator: ";").dropFirst() {
            let sides = parameter.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].filter({ $0 != " " && $0 != "\t" }).lowercased() == "boundary" else {
                continue
            }
            var value = sides[1].drop { $0 == " " || $0 == "\t" }
            if value.first == "\"" {
                value = value.dropFirst().prefix { $0 != "\"" }
            } else {
                value = value.prefix { $0 != " " && $0 != "\t" }
            }
            return value.isEmpty ? nil : Array(value.utf8)
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// Where a sequence of octets is first found.
    func firstRange(of needle: [UInt8]) -> Range<Int>? {
        guard let first = needle.first, count >= needle.count else { return nil }
        return withUnsafeBufferPointer { bytes in
            needle.withUnsafeBufferPointer { needle in
                var index = 0
                while index <= bytes.count - needle.count {
                    if bytes[index] == first {
                        var length = 1
                        while length < needle.count, bytes[index + length] == needle[length] { length += 1 }
                        if length == needle.count { return startIndex + index..<startIndex + index + length }
                    }
                    index += 1
                }
                return nil
            }
        }
    }
}

/// A captured mail in the shape of MailHog's JSON.
struct MailHogMessage {
    let message: CapturedMessage
    let content: MailHogContent
    /// The octets without the line break before the final dot.
    private let text: ArraySlice<UInt8>
    /// The fields whose last value was added on arrival, in the order of a header.
    private var addedNames: [String]

    init(_ message: CapturedMessage, hostname: String) {
        self.message = message
        var text = message.bytes[...]
        if text.suffix(2).elementsEqual([13, 10]) { text.removeLast(2) }
        self.text = text
        var content = MailHogContent(text)
        func name(_ wanted: String) -> String? { content.headers.keys.filter { $0.lowercased() == wanted }.min() }
        let returnPathName = name("return-path") ?? "Return-Path"
        let receivedName = name("received") ?? "Received"
        addedNames = [returnPathName, receivedName]
        if name("message-id") == nil {
            content.headers["Message-ID"] = [Array(message.id.utf8)]
            addedNames.append("Message-ID")
        }
        let received =
            "from \(message.helo) by \(hostname) (Mailroom)\r\n          id \(message.id); "
            + WallClock.mailDate(message.receivedAt)
        content.headers[receivedName, default: []].append(Array(received.utf8))
        content.headers[returnPathName, default: []]
            .append(Array("<\(message.reversePath ?? "")>".utf8))
        self.content = content
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("ID")
        json.string(message.id)
        json.key("From")
        Self.writePath(message.reversePath ?? "", to: &json)
        json.key("To")
        json.beginArray()
        for recipient in message.recipients { Self.writePath(recipient, to: &json) }
        json.endArray()
        json.key("Content")
        Self.write(content, withParts: false, to: &json)
        json.key("Created")
        json.string(WallClock.rfc3339(message.receivedAt))
        json.key("MIME")
        Self.write(content.parts, to: &json)
        json.key("Raw")
        json.beginObject()
        json.key("From")
        json.string(message.reversePath ?? "")
        json.key("To")
        json.beginArray()
        for recipient in message.recipients { json.string(recipient) }
        json.endArray()
        json.key("Data")
        json.string(text)
        json.key("Helo")
        json.string(message.helo)
        json.endObject()
        json.endObject()
    }

    /// The mail as a file: what was added on arrival, then the octets unaltered.
    func file() -> [UInt8] {
        var bytes: [UInt8] = []
        for name in addedNames {
            bytes.append(contentsOf: "\(name): ".utf8)
            bytes.append(contentsOf: content.headers[name]?.last ?? [])
            bytes.append(contentsOf: [13, 10])
        }
        return bytes + message.bytes
    }

    private static func write(_ content: MailHogContent, withParts: Bool, to json: inout JSONWriter) {
        json.beginObject()
        json.key("Headers")
        json.beginObject()
        for name in content.headers.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            json.key(name)
            json.beginArray()
            for value in content.headers[name] ?? [] { json.string(value[...]) }
            json.endArray()
        }
        json.endObject()
        json.key("Body")
        json.string(content.body)
        json.key("Size")
        json.number(content.size)
        json.key("MIME")
        if withParts { write(content.parts, to: &json) } else { json.null() }
        json.endObject()
    }

    private static func write(_ parts: [MailHogContent]?, to json: inout JSONWriter) {
        guard let parts else { return json.null() }
        json.beginObject()
        json.key("Parts")
        json.beginArray()
        for part in parts { write(part, withParts: true, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func writePath(_ address: String, to json: inout JSONWriter) {
        let sides = address.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        json.beginObject()
        json.key("Relays")
        json.null()
        json.key("Mailbox")
        json.string(sides.first.map(String.init) ?? "")
        json.key("Domain")
        json.string(sides.count > 1 ? String(sides[1]) : "")
        json.key("Params")
        json.string("")
        json.endObject()
    }
}

extension MailHogMessage {
    /// Whether a word occurs in a field of the header, its name taken to the letter.
    func contains(_ search: ByteSearch, in field: String) -> Bool {
        (content.headers[field] ?? []).contains { search.isFound(in: $0) }
    }

    /// Whether a word occurs in the body or any field's value, neither decoded.
    func contains(_ search: ByteSearch) -> Bool {
        search.isFound(in: Array(content.body)) || content.headers.values.joined().contains { search.isFound(in: $0) }
    }
}

extension MailHogContent {
    /// The body with base64 undone, and no other encoding.
    var decodedBody: [UInt8] {
        let encoding = headers["Content-Transfer-Encoding"]?.last.map { String(decoding: $0, as: UTF8.self) }
        guard encoding?.lowercased() == "base64" else { return Array(body) }
        var result: [UInt8] = []
        result.reserveCapacity(body.count * 3 / 4)
        var pool: UInt32 = 0
        var bits = 0
        for byte in body {
            let value: UInt8
            switch byte {
            case 65...90: value = byte - 65
            case 97...122: value = byte - 71
            case 48...57: value = byte + 4
            case 43: value = 62
            case 47: value = 63
            default: continue
            }
            pool = pool << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: pool >> UInt32(bits)))
            }
        }
        return result
    }
}

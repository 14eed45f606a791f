/// A captured mail in the shape of MailHog's JSON.
struct MailHogMessage {
    let message: CapturedMessage
    let content: MailHogContent
    /// The octets without the line break before the final dot.
    private let text: ArraySlice<UInt8>
    /// The fields whose last value was added on arrival, in the order of a header.
    private let added: [(name: ArraySlice<UInt8>, value: [UInt8])]

    /// `splits` says whether parts matter, too.
    init(_ message: CapturedMessage, hostname: String, splits: Bool = true) {
        let text = Self.text(of: message)
        self.init(message, text, MailHogContent(text, splits: splits), hostname)
    }

    /// What a mail that is too large for JSON is listed as: envelope, header and size, without any body.
    init(headOf message: CapturedMessage, hostname: String) {
        let size = max(0, message.size - 2)
        self.init(message, [], MailHogContent(header: MailHead.octets(of: message), ofSize: size), hostname)
    }

    private init(
        _ message: CapturedMessage, _ text: ArraySlice<UInt8>, _ content: MailHogContent, _ hostname: String
    ) {
        self.message = message
        self.text = text
        var content = content
        var returnPath = Array("Return-Path".utf8)[...]
        var received = Array("Received".utf8)[...]
        var hasMessageID = false
        for field in content.fields {
            switch field.name.count {
            case 11 where field.name.isWord("return-path"): returnPath = field.name
            case 8 where field.name.isWord("received"): received = field.name
            case 10 where field.name.isWord("message-id"): hasMessageID = true
            default: break
            }
        }
        let arrival = Arrival(message, hostname: hostname)
        var added = [(returnPath, arrival.returnPath), (received, arrival.received)]
        if !hasMessageID { added.append((Array("Message-ID".utf8)[...], arrival.messageID)) }
        for (name, value) in added { content.append(value, to: name) }
        self.added = added
        self.content = content
    }

    /// A mail's octets without the line break before the final dot.
    static func text(of message: CapturedMessage) -> ArraySlice<UInt8> {
        let bytes = message.bytes
        return bytes.suffix(2).elementsEqual([13, 10]) ? bytes.dropLast(2) : bytes[...]
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("ID")
        json.string(message.id)
        json.key("From")
        Self.writePath(message.reversePath ?? "", to: &json)
        json.key("To")
        Self.write(message.recipients, to: &json) { Self.writePath($0, to: &$1) }
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
        Self.write(message.recipients, to: &json) { $1.string($0) }
        json.key("Data")
        json.string(text)
        json.key("Helo")
        json.string(message.helo)
        json.endObject()
        json.endObject()
    }

    /// The mail as a file: what was added on arrival, then the octets unaltered, so that repeated fields stay; without
    /// the line break before the final dot, as MailHog has it.
    func file() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 512)
        for (name, value) in added {
            bytes.append(contentsOf: name)
            bytes.append(contentsOf: [58, 32])
            bytes.append(contentsOf: value)
            bytes.append(contentsOf: [13, 10])
        }
        bytes.append(contentsOf: header)
        bytes.append(contentsOf: [13, 10])
        bytes.append(contentsOf: content.body)
        return bytes
    }

    /// The lines of the header as they came, without those at its beginning that would continue a field added before
    /// them. Without an empty line everything is body.
    private var header: ArraySlice<UInt8> {
        var header = text.dropLast(content.body.count)
        if header.count == 4 { return [] }
        header = header.dropLast(2)
        while let first = header.first, first == 32 || first == 9 {
            guard let end = header.firstRange(of: [13, 10]) else { return [] }
            header = header[end.upperBound...]
        }
        return header
    }

    private static func write(_ content: MailHogContent, withParts: Bool, to json: inout JSONWriter) {
        json.beginObject()
        json.key("Headers")
        json.beginObject()
        for field in content.fields {
            json.key(field.name)
            json.beginArray()
            for value in field.values { json.string(value) }
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
        write(parts, to: &json) { write($0, withParts: true, to: &$1) }
        json.endObject()
    }

    /// An array, or the word `null` for an empty one, as Go writes a list that was never filled.
    private static func write<Element>(
        _ elements: [Element], to json: inout JSONWriter, each: (Element, inout JSONWriter) -> Void
    ) {
        if elements.isEmpty { return json.null() }
        json.beginArray()
        for element in elements where !json.isOverdrawn { each(element, &json) }
        json.endArray()
    }

    /// An address in pieces. It has no relays: SMTP leaves source routes out.
    private static func writePath(_ address: String, to json: inout JSONWriter) {
        json.beginObject()
        json.key("Relays")
        json.null()
        let sides = address.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        json.key("Mailbox")
        json.string(sides.first.map(String.init) ?? "")
        json.key("Domain")
        json.string(sides.count > 1 ? String(sides[1]) : "")
        json.key("Params")
        json.string("")
        json.endObject()
    }
}

/// What is added to a mail's header on arrival.
struct Arrival {
    let returnPath: [UInt8]
    let received: [UInt8]
    let messageID: [UInt8]

    init(_ message: CapturedMessage, hostname: String) {
        returnPath = Array("<\(message.reversePath ?? "")>".utf8)
        messageID = Array(message.id.utf8)
        let place = "from \(message.helo) by \(hostname) (MailHog)\r\n          id \(message.id); "
        received = Array((place + WallClock.mailDate(message.receivedAt)).utf8)
    }
}

extension ArraySlice<UInt8> {
    /// Whether this is a word of small letters and hyphens, written in whatever case.
    fileprivate func isWord(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { word in
            count == word.count && zip(self, word).allSatisfy { $0 == $1 || $1 != 45 && $0 | 0x20 == $1 }
        }
    }
}

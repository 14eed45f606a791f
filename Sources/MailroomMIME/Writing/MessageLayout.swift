/// What is decided about a message before its first byte is written.
struct MessageLayout {
    var text: (encoding: TransferEncoding, size: Int)?
    var html: (encoding: TransferEncoding, size: Int)?
    /// Inline parts that belong to the HTML; without HTML they stand among the attachments.
    let related: [MIMEPart]
    let attached: [(part: MIMEPart, encoding: TransferEncoding, inline: Bool)]
    /// The beginning of every boundary, from the message ID. `=_` occurs in no encoded body (RFC 2045 §6.7, rule 1).
    let boundary: String
    let estimatedSize: Int

    init(_ message: InternetMessage) {
        func plan(_ text: String?) -> (TransferEncoding, Int)? {
            guard var text else { return nil }
            return text.withUTF8 { TransferEncoding.choose(for: $0) }
        }
        text = plan(message.text)
        html = plan(message.html)
        if message.text == nil, message.html == nil, message.inline.isEmpty, message.attachments.isEmpty {
            text = (.sevenBit, 0)
        }
        related = message.html == nil ? [] : message.inline
        attached =
            (message.html == nil ? message.inline : []).map { ($0, Self.encoding(of: $0), true) }
            + message.attachments.map { ($0, Self.encoding(of: $0), $0.contentID != nil) }

        estimatedSize =
            Self.headerSize(message) + (text?.size ?? 0) + (html?.size ?? 0)
            + related.reduce(0) { $0 + Self.size($1, .base64) }
            + attached.reduce(0) { $0 + Self.size($1.part, $1.encoding) }
        boundary = Self.boundary(message.messageID, apartFrom: attached.filter { $0.encoding == .sevenBit }.map(\.part))
    }

    // Too small an estimate would have the bytes of a message copied while they grow, so these are never below.

    private static func headerSize(_ message: InternetMessage) -> Int {
        var size = 1024 + 2 * message.subject.utf8.count
        for list in [message.from, message.sender.map { [$0] } ?? [], message.replyTo, message.to, message.cc] {
            for mailbox in list {
                size += 80 + 2 * (mailbox.name?.utf8.count ?? 0) + mailbox.address.localPart.utf8.count * 2
                let domain = mailbox.address.domain.utf8
                size += domain.count + (domain.allSatisfy { $0 < 128 } ? 0 : 253)
            }
        }
        for id in [message.messageID] + message.inReplyTo + message.references { size += id.utf8.count + 5 }
        for link in message.unsubscribe?.links ?? [] { size += link.utf8.count + 6 }
        for field in message.fields { size += field.name.utf8.count + field.value.utf8.count * 2 + 80 }
        return size
    }

    private static func size(_ part: MIMEPart, _ encoding: TransferEncoding) -> Int {
        var size = 512 + 5 * (part.fileName?.utf8.count ?? 0) + (part.contentID?.utf8.count ?? 0)
        for parameter in part.mediaType.parameters {
            size += 5 * (parameter.name.utf8.count + parameter.value.utf8.count)
        }
        guard encoding == .sevenBit else { return size + Base64.encodedSize(part.bytes.count) }
        return part.bytes.reduce(into: size + part.bytes.count) { $0 += $1 == ASCII.lf ? 1 : 0 }
    }

    /// Messages may not be encoded (RFC 2046 §5.2.1): they stand as they are, but for line endings, where they are
    /// clean, and as octets otherwise. Everything else is base64, so that it comes out as it went in.
    private static func encoding(of part: MIMEPart) -> TransferEncoding {
        guard part.mediaType.type == "message" else { return .base64 }
        var column = 0
        var previous: UInt8 = 0
        for byte in part.bytes {
            if byte == 0 || byte >= 128 || previous == ASCII.cr && byte != ASCII.lf { return .base64 }
            column = byte == ASCII.lf ? 0 : column + (byte == ASCII.cr ? 0 : 1)
            if column > 998 { return .base64 }
            previous = byte
        }
        return previous == ASCII.cr ? .base64 : .sevenBit
    }

    private static func boundary(_ messageID: String, apartFrom parts: [MIMEPart]) -> String {
        var salt: UInt64 = 0
        while true {
            let boundary =
                "=_"
                + hexadecimal(
                    messageID.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ salt) { hash, byte in
                        (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                    })
            if !parts.contains(where: { contains($0.bytes, Array(boundary.utf8)) }) { return boundary }
            salt += 1
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        String(
            decoding: (0..<16).map { ByteWriter.hexDigit(UInt8(value >> (60 - 4 * UInt64($0)) & 15)) }, as: UTF8.self)
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        guard bytes.count >= needle.count else { return false }
        return (0...bytes.count - needle.count).contains { bytes[$0] == needle[0] && bytes[$0...].starts(with: needle) }
    }
}

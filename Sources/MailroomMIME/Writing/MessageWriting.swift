extension ByteWriter {
    mutating func write(_ message: InternetMessage, _ layout: MessageLayout) {
        put("Date: ")
        message.date.write(into: &bytes)
        newline()
        field("From", mailboxes: message.from)
        if let sender = message.sender, message.from != [sender] { field("Sender", mailboxes: [sender]) }
        field("Reply-To", mailboxes: message.replyTo)
        field("To", mailboxes: message.to)
        field("Cc", mailboxes: message.cc)
        field("Subject", unstructured: message.subject)
        if !message.messageID.isEmpty { field("Message-ID", ids: [message.messageID]) }
        field("In-Reply-To", ids: message.inReplyTo)
        field("References", ids: message.references)
        if let unsubscribe = message.unsubscribe { write(unsubscribe) }
        for field in message.fields where !message.writesItself(field.name) {
            self.field(field.name, unstructured: field.value)
        }
        put("MIME-Version: 1.0")
        newline()
        if layout.attached.isEmpty {
            alternatives(message, layout)
        } else {
            mixed(message, layout)
        }
        if bytes.last != ASCII.lf { newline() }
    }

    private mutating func mixed(_ message: InternetMessage, _ layout: MessageLayout) {
        beginMultipart("mixed", layout, 1)
        if layout.text != nil || layout.html != nil {
            delimiter(layout, 1)
            alternatives(message, layout)
        }
        for (part, encoding, inline) in layout.attached {
            delimiter(layout, 1)
            write(part, encoding, inline: inline)
        }
        endMultipart(layout, 1)
    }

    private mutating func alternatives(_ message: InternetMessage, _ layout: MessageLayout) {
        if let html = layout.html, let text = layout.text {
            beginMultipart("alternative", layout, 2)
            delimiter(layout, 2)
            write(message.text ?? "", .plainText, text.encoding)
            delimiter(layout, 2)
            related(message, html.encoding, layout)
            endMultipart(layout, 2)
        } else if let html = layout.html {
            related(message, html.encoding, layout)
        } else if let text = layout.text {
            write(message.text ?? "", .plainText, text.encoding)
        }
    }

    private mutating func related(_ message: InternetMessage, _ encoding: TransferEncoding, _ layout: MessageLayout) {
        guard !layout.related.isEmpty else {
            write(message.html ?? "", .html, encoding)
            return
        }
        beginMultipart("related", layout, 3)
        delimiter(layout, 3)
        write(message.html ?? "", .html, encoding)
        for part in layout.related {
            delimiter(layout, 3)
            write(part, .base64, inline: true)
        }
        endMultipart(layout, 3)
    }

    private mutating func beginMultipart(_ subtype: StaticString, _ layout: MessageLayout, _ level: UInt8) {
        put("Content-Type: multipart/")
        put(subtype)
        put(";")
        newline()
        put(" boundary=\"")
        putBoundary(layout, level)
        put("\"")
        if level == 3 { put("; type=\"text/html\"") }
        newline()
    }

    private mutating func putBoundary(_ layout: MessageLayout, _ level: UInt8) {
        put(ascii: layout.boundary)
        put(UInt8(ascii: "_"))
        put(48 + level)
    }

    /// The line break before a delimiter belongs to it (RFC 2046 §5.1.1): a body that ends in CRLF keeps that one.
    private mutating func delimiter(_ layout: MessageLayout, _ level: UInt8) {
        put("\r\n--")
        putBoundary(layout, level)
        newline()
    }

    private mutating func endMultipart(_ layout: MessageLayout, _ level: UInt8) {
        put("\r\n--")
        putBoundary(layout, level)
        put("--")
        newline()
    }

    private mutating func write(_ text: String, _ type: MediaType, _ encoding: TransferEncoding) {
        put("Content-Type: text/")
        put(ascii: type.subtype)
        put("; charset=utf-8")
        newline()
        writeTransferEncoding(encoding)
        newline()
        var text = text
        text.withUTF8 { body($0, encoding) }
    }

    private mutating func writeTransferEncoding(_ encoding: TransferEncoding) {
        switch encoding {
        case .sevenBit: put("Content-Transfer-Encoding: 7bit")
        case .quotedPrintable: put("Content-Transfer-Encoding: quoted-printable")
        case .base64: put("Content-Transfer-Encoding: base64")
        }
        newline()
    }

    private mutating func write(_ part: MIMEPart, _ encoding: TransferEncoding, inline: Bool) {
        let type = part.mediaType
        // A composite type may not be encoded (RFC 2045 §6.4), so what must be is called what it is: octets.
        let mustRename = type.type == "multipart" || type.type == "message" && encoding == .base64
        put("Content-Type: ")
        put(ascii: mustRename ? MediaType.octetStream.essence : type.essence)
        if !mustRename { for parameter in type.parameters { self.parameter(parameter.name, parameter.value) } }
        // Without a charset a text would be taken for ASCII (RFC 2045 §5.2).
        if type.type == "text", type["charset"] == nil, TextLines.isInternational(part.bytes) {
            parameter("charset", "utf-8")
        }
        newline()
        writeTransferEncoding(encoding)
        if let id = part.contentID, !id.isEmpty { field("Content-ID", ids: [id]) }
        put(inline ? "Content-Disposition: inline" : "Content-Disposition: attachment")
        if let name = part.fileName, !name.isEmpty { parameter("filename", name) }
        newline()
        newline()
        part.bytes.withUnsafeBufferPointer {
            if encoding == .sevenBit { body($0, encoding) } else { Base64.encode($0, into: &bytes) }
        }
    }
}

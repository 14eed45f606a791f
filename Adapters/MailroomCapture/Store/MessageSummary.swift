import MailroomMIME

/// What a list shows of a mail.
struct MessageSummary: Sendable {
    let sender: String
    let recipients: String
    let subject: String
    /// The beginning of the text, on one line.
    let beginning: String
    let attachmentCount: Int
    let hasPDF: Bool

    init(of message: CapturedMessage) {
        let entity = Entity(parsing: message.bytes)
        let author = entity.mailboxes("From").first
        sender =
            author.map { $0.name ?? $0.address.description } ?? entity.first("From") ?? message.reversePath
            ?? "No sender"
        let named = entity.mailboxes("To").map { $0.name ?? $0.address.description }
        recipients = (named.isEmpty ? message.recipients : named).joined(separator: ", ")
        subject = entity.first("Subject").flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)"
        beginning = Self.beginning(entity.plainText ?? entity.html.map(Self.withoutTags) ?? "")
        let attached = entity.attachments.filter { $0.disposition == "attachment" || $0.fileName != nil }
        attachmentCount = attached.count
        hasPDF = attached.contains { $0.contentType.essence == MediaType.pdf.essence }
    }

    /// Whether a word occurs in what is shown.
    func contains(_ search: ByteSearch) -> Bool {
        search.isFound(in: sender) || search.isFound(in: recipients) || search.isFound(in: subject)
    }

    private static func beginning(_ text: String) -> String {
        text.prefix(2000).split { $0.isWhitespace }.joined(separator: " ").prefix(160).description
    }

    /// The words of HTML, roughly: for a line in a list, not for display elsewhere.
    private static func withoutTags(_ html: String) -> String {
        var text = ""
        var rest = html.prefix(20_000)
        while let open = rest.firstIndex(of: "<") {
            text += rest[..<open]
            text += " "
            let tag = rest[open...].dropFirst().prefix(8).lowercased()
            if let hidden = ["style", "script", "head", "title"].first(where: { tag.hasPrefix($0) }),
                let end = rest[open...].range(ofEnd: hidden)
            {
                rest = rest[end...]
            } else {
                guard let close = rest[open...].firstIndex(of: ">") else { return text }
                rest = rest[rest.index(after: close)...]
            }
        }
        text += rest
        for (name, character) in [
            ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
        ] {
            text = text.split(separator: name, omittingEmptySubsequences: false).joined(separator: character)
        }
        return text
    }
}

extension Substring {
    /// The place after the end tag of an element.
    fileprivate func range(ofEnd element: String) -> Index? {
        var rest = self
        while let open = rest.firstIndex(of: "<") {
            rest = rest[open...].dropFirst()
            if rest.prefix(element.count + 1).lowercased() == "/" + element, let close = rest.firstIndex(of: ">") {
                return rest.index(after: close)
            }
        }
        return nil
    }
}

extension CapturedMessage {
    /// Whether the header may have encoded words (RFC 2047), so that it does not read as it looks.
    var hasEncodedWords: Bool {
        let end = bytes[...].firstRange(of: [13, 10, 13, 10])?.lowerBound ?? bytes.endIndex
        return bytes[..<end].firstRange(of: [61, 63]) != nil
    }
}

import MailroomMIME

/// What a list shows of a mail, and what searches look through.
struct MessageDigest: Sendable {
    /// So many octets of memory it takes at most.
    static let maximumCost = SearchedText.maximumCount + 4096
    /// Of a larger mail only so much is read.
    private static let contentLimit = 8 << 20
    /// A mail that unfolds beyond what it has in octets is not followed; nor is one within one within one.
    private static let readerLimits = ReaderLimits(depth: 8, parts: 1000, bodyOctets: 2 * contentLimit)

    let sender: String
    /// The first recipients, and how many more there are.
    let recipients: String
    let subject: String
    /// The beginning of the text, on one line.
    let beginning: String
    let attachmentCount: Int
    let hasPDF: Bool
    /// Everything that words are looked for in, decoded and in small letters.
    let searched: SearchedText

    init(of message: CapturedMessage) {
        let content = (try? message.content.read(first: Self.contentLimit)) ?? []
        let entity = Entity(parsing: content, limits: Self.readerLimits)
        let author = entity.mailboxes("From").first
        sender = Self.cut(
            author.map { $0.name ?? $0.address.description } ?? entity.first("From") ?? message.reversePath
                ?? "No sender", to: 200)
        let to = entity.mailboxes("To")
        recipients = Self.shortened(
            to.isEmpty ? message.recipients : to.prefix(3).map { $0.name ?? $0.address.description },
            of: to.isEmpty ? message.recipients.count : to.count)
        subject = Self.cut(entity.first("Subject").flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)", to: 300)
        let html = entity.html
        let text = entity.plainText ?? html.map { HTMLText.words(of: $0) } ?? ""
        beginning = Self.beginning(text)
        let attached = entity.attachments.filter { $0.disposition == "attachment" || $0.fileName != nil }
        attachmentCount = attached.count
        hasPDF = entity.hasPDF
        var searched = SearchedText()
        searched.add(.sender, message.reversePath ?? "")
        for from in ["From", "Sender", "Reply-To"].flatMap(entity.all) { searched.add(.sender, from) }
        for recipient in message.recipients { searched.add(.recipients, recipient) }
        for to in ["To", "Cc"].flatMap(entity.all) { searched.add(.recipients, to) }
        searched.add(.subject, entity.first("Subject") ?? "")
        for name in attached.compactMap(\.fileName) { searched.add(.rest, name) }
        searched.add(.rest, entity.first("Message-ID") ?? "")
        searched.add(.rest, text)
        if entity.plainText != nil, let html { searched.add(.rest, HTMLText.words(of: html)) }
        self.searched = searched
    }

    private static func shortened(_ names: [String], of count: Int) -> String {
        let shown = names.prefix(3).map { cut($0, to: 100) }.joined(separator: ", ")
        return count > 3 ? "\(shown) and \(count - 3) more" : shown
    }

    private static func cut(_ text: String, to count: Int) -> String {
        text.utf8.count <= count ? text : String(text.prefix(count)) + "…"
    }

    /// The first words on one line, cut between characters.
    private static func beginning(_ text: String) -> String {
        let words = SearchedText.oneLine(text.utf8.prefix(2000)).prefix(200)
        let isCut = words.count == 200
        // A character that was cut in two is left out.
        let whole = isCut ? words.prefix(words.lastIndex { $0 & 0xC0 != 0x80 } ?? 0) : words
        return String(decoding: whole, as: UTF8.self)
    }
}

extension Entity {
    /// Whether it is a PDF, also where it was sent as mere octets with a name only.
    var isPDF: Bool {
        contentType.essence == MediaType.pdf.essence
            || contentType.essence == MediaType.octetStream.essence && body.starts(with: "%PDF-".utf8)
    }

    /// Whether it or a part of it is a PDF.
    var hasPDF: Bool { isPDF || parts.contains { $0.hasPDF } }
}

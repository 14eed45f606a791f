import MailroomMIME

/// What a list shows of a mail, and what searches look through.
struct MessageDigest: Sendable {
    /// Beyond so many octets a mail's text is not looked through.
    static let textLimit = 64 << 10
    /// Of a larger mail only so much is read.
    private static let contentLimit = 8 << 20

    let sender: String
    let recipients: String
    let subject: String
    /// The beginning of the text, on one line.
    let beginning: String
    let attachmentCount: Int
    let hasPDF: Bool
    /// Everything that words are looked for in, decoded and in small letters.
    let searched: SearchedText

    init(of message: CapturedMessage) {
        let entity = Entity(parsing: (try? message.content.read(first: Self.contentLimit)) ?? [])
        let author = entity.mailboxes("From").first
        sender =
            author.map { $0.name ?? $0.address.description } ?? entity.first("From") ?? message.reversePath
            ?? "No sender"
        let named = entity.mailboxes("To").map { $0.name ?? $0.address.description }
        recipients = (named.isEmpty ? message.recipients : named).joined(separator: ", ")
        subject = entity.first("Subject").flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)"
        let html = entity.html
        let text = entity.plainText ?? html.map { HTMLText.words(of: $0) } ?? ""
        beginning = Self.beginning(text)
        let attached = entity.attachments.filter { $0.disposition == "attachment" || $0.fileName != nil }
        attachmentCount = attached.count
        hasPDF = attached.contains { $0.contentType.essence == MediaType.pdf.essence }
        var searched = SearchedText(limit: Self.textLimit)
        searched.add(.sender, message.reversePath ?? "")
        for from in entity.all("From") + entity.all("Sender") + entity.all("Reply-To") { searched.add(.sender, from) }
        for recipient in message.recipients { searched.add(.recipients, recipient) }
        for to in entity.all("To") + entity.all("Cc") { searched.add(.recipients, to) }
        searched.add(.subject, subject)
        for name in attached.compactMap(\.fileName) { searched.add(.rest, name) }
        searched.add(.rest, entity.first("Message-ID") ?? "")
        searched.add(.rest, text)
        if entity.plainText != nil, let html { searched.add(.rest, HTMLText.words(of: html)) }
        self.searched = searched
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

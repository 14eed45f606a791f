import MailroomMIME
import TestSupport

/// Makes messages of every shape, the same ones for the same seed.
struct MessageGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed) }

    private mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func word() -> String {
        switch number(0...14) {
        case 0: pick(["Grüße", "Zoë", "naïve", "Ångström", "œuvre"])
        case 1: pick(["Привет", "Ελλάδα", "日本語", "한국어", "שלום", "مرحبا"])
        case 2: pick(["🎾", "👩‍👩‍👧", "🏳️‍🌈", "𝒳", "e\u{301}"])
        case 3:
            pick([
                "a@b.org,", "<evil@example.org>", "x:;", "\"", "\\", "(", ")", "a@b.org", "\u{10A}\u{560A}\u{760D}",
            ])
        case 4:
            pick(["=?utf-8?Q?x?=", "=?", "?=", "a=b", "100%", "\"quoted\"", "back\\slash", "(c)", "<x>", "a,b;c:d"])
        case 5: String(repeating: pick(["a", "long", "é", "字"]), count: number(20...120))
        case 6: pick([".", "..", "From", "--", "--=_", "-- ", "=", "=20"])
        default: pick(["the", "club", "teacher", "course", "on", "Monday", "at", "court", "one", "and"])
        }
    }

    private mutating func line(_ words: ClosedRange<Int>, blanks: [String] = [" "]) -> String {
        var text = ""
        for index in 0..<number(words) { text += (index == 0 ? "" : pick(blanks)) + word() }
        return text
    }

    private mutating func text() -> String {
        if chance(5) { return "" }
        var text = ""
        let onlyPlain = chance(40)
        for _ in 0..<number(1...12) {
            text += onlyPlain ? pick(["Dear club,", "", "see you soon", "From here on", "."]) : line(0...20)
            if chance(10) { text += pick([" ", "\t", "\0", "\u{C}"]) }
            text += pick(["\n", "\n", "\r\n", "\r", "\n\n"])
        }
        if chance(30) { text += "no line ending" }
        return text
    }

    private mutating func mailbox() -> Mailbox {
        let texts = [
            "a@example.org", "first.last+tag@mail.example.co.uk", "-x@example.org", "zoe@münchen.de", "b@例子.中国",
            "o'neil@example.org", "\"a, b\"@example.org", "\"x@y\"@example.org", "\"q\\\"z\"@example.org",
            String(repeating: "l", count: 64) + "@example.org",
        ]
        guard let address = try? EmailAddress(pick(texts)) else { preconditionFailure("a sample is no address") }
        return Mailbox(name: chance(70) ? line(1...5) : nil, address: address)
    }

    private mutating func part(inline: Bool) -> MIMEPart {
        let bytes = (0..<number(0...400)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let names: [String?] = [
            nil, "a.pdf", "two words.pdf", "Zoé.pdf", "quote\"back.txt", String(repeating: "long-", count: 30) + ".bin",
            String(repeating: "長い名前", count: 20) + ".pdf", "a;b=c'd%20.txt", "🎾.png",
            "=?utf-8?Q?x?=.txt",
        ]
        if !inline, chance(15), let field = try? HeaderField("Subject", line(1...6)) {
            let message = "From: a@example.org\r\nX-Number: \(number(0...99))\r\n\r\n.\r\nFrom \(field.name)\r\n"
            return MIMEPart(fileName: "forwarded.eml", mediaType: .message, bytes: Array(message.utf8))
        }
        return MIMEPart(
            fileName: pick(names), mediaType: pick([.pdf, .png, .octetStream, .zip]), bytes: bytes,
            contentID: inline ? "part\(number(0...999))@example.org" : nil)
    }

    private mutating func identifier() -> String {
        "\(number(0...99_999))\(chance(5) ? String(repeating: "x", count: number(60...880)) : "")@example.org"
    }

    mutating func message() -> InternetMessage {
        let hasText = chance(80)
        let hasHTML = chance(50) || !hasText
        var message = InternetMessage(
            from: [mailbox()], to: (0..<number(0...6)).map { _ in mailbox() },
            subject: line(0...25, blanks: [" ", " ", "  ", " \t"]),
            date: MessageDate(secondsSince1970: Int64(number(0...4_000_000_000)), utcOffset: number(-720...840)),
            messageID: identifier(), text: hasText ? text() : nil, html: hasHTML ? text() : nil)
        if chance(20) { message.cc = (0..<number(1...30)).map { _ in mailbox() } }
        if chance(20) { message.sender = mailbox() }
        if chance(15) {
            message.from += (0..<number(1...3)).map { _ in mailbox() }
            message.sender = chance(50) ? message.from[0] : mailbox()
        }
        // Who is the only author is not named again.
        if message.from == [message.sender] { message.sender = nil }
        if chance(20) { message.replyTo = (0..<number(1...3)).map { _ in mailbox() } }
        if chance(20) {
            let links = [
                "https://example.org/u/" + String(repeating: "x", count: number(1...870)), "mailto:u@example.org",
            ]
            message.unsubscribe = try? ListUnsubscribe(links, oneClick: chance(50))
        }
        if chance(20) { message.inReplyTo = (0..<number(1...3)).map { _ in identifier() } }
        if chance(20) { message.references = (0..<number(1...30)).map { _ in identifier() } }
        for name in ["X-Club-Note", "List-Id", "Comments"] where chance(25) {
            if let field = try? HeaderField(name, line(0...30)) { message.fields.append(field) }
        }
        if chance(30) { message.inline = (0..<number(1...2)).map { _ in part(inline: true) } }
        if chance(50) { message.attachments = (0..<number(1...3)).map { _ in part(inline: false) } }
        // Files alone need no text.
        if !(message.inline + message.attachments).isEmpty, chance(15) { (message.text, message.html) = (nil, nil) }
        return message
    }

    /// Blanks around a value are no part of it.
    static func trimmed(_ text: String) -> String {
        var rest = text.utf8[...]
        while let byte = rest.first, byte == 32 || byte == 9 { rest.removeFirst() }
        while let byte = rest.last, byte == 32 || byte == 9 { rest.removeLast() }
        return String(Substring(rest))
    }

    /// What a reader gets to see of a mailbox: the domain in ASCII.
    static func asRead(_ mailbox: Mailbox) -> Mailbox {
        guard let address = try? EmailAddress("\(mailbox.address.localPart)@\(mailbox.address.asciiDomain)") else {
            return mailbox
        }
        return Mailbox(name: mailbox.name, address: address)
    }

    /// Whether the end of the text is the end of the message, where a line must end.
    static func endsItsLastLine(_ entity: Entity) -> Bool {
        entity.parts.isEmpty && entity.first("Content-Transfer-Encoding") != "base64"
    }

    /// What a reader gets to see of a text: line endings are CRLF, and the last line of a message is ended.
    static func normalised(_ text: String?, _ isLone: Bool) -> String? {
        guard let text else { return nil }
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 13 || byte == 10 && previous != 13 {
                bytes += [13, 10]
            } else if byte != 10 {
                bytes.append(byte)
            }
            previous = byte
        }
        if isLone, !bytes.isEmpty, bytes.last != 10 { bytes += [13, 10] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

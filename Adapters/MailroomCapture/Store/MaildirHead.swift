/// What stands before a mail in its file: a field of Mailroom's own with everything, and those that other programs know,
/// `Return-Path` and a `Delivered-To` for each recipient.
enum MaildirHead {
    typealias Parsed = (id: String, at: Duration, envelope: CapturedMessage.Envelope, offset: Int)

    private static let field = "X-Mailroom-Capture:"
    /// The first note: how many octets stand before the mail.
    private static let lengthNote = "\r\n head="
    private static let lengthDigits = 10
    /// A longer one is none of Mailroom's: no client may send so much before a mail.
    private static let limit = 64 << 20

    static func bytes(of message: CapturedMessage) -> [UInt8] {
        let envelope = message.envelope
        let (seconds, attoseconds) = message.receivedAt.components
        var notes = [
            ("id", message.id),
            ("at", "\(seconds).\(String(attoseconds / 1_000_000_000 + 1_000_000_000).dropFirst())"),
            ("helo", envelope.helo), ("client", envelope.remoteAddress),
        ]
        if let user = envelope.userName { notes.append(("user", user)) }
        if envelope.isEncrypted { notes.append(("tls", "yes")) }
        for parameter in envelope.senderParameters { notes.append(("mail", parameter)) }
        for (number, parameters) in envelope.recipientParameters.enumerated() {
            for parameter in parameters { notes.append(("rcpt\(number)", parameter)) }
        }
        notes.append(("recipients", String(envelope.recipients.count)))
        var head = field + lengthNote + String(repeating: "0", count: lengthDigits) + ";"
        for (name, value) in notes { head += "\r\n \(name)=\(encoded(value));" }
        head += "\r\nReturn-Path: <\(envelope.reversePath ?? "")>\r\n"
        for recipient in envelope.recipients { head += "Delivered-To: \(recipient)\r\n" }
        var bytes = Array(head.utf8)
        let end = field.utf8.count + lengthNote.utf8.count + lengthDigits
        let digits = Array(String(bytes.count).utf8)
        bytes.replaceSubrange(end - digits.count..<end, with: digits)
        return bytes
    }

    /// How many octets stand before the mail, as the file's beginning says; nil where Mailroom did not write it.
    static func length(in start: [UInt8]) -> Int? {
        let before = Array((field + lengthNote).utf8)
        guard start.starts(with: before), start.count > before.count + lengthDigits else { return nil }
        let digits = start[before.count..<before.count + lengthDigits]
        guard start[digits.endIndex] == UInt8(ascii: ";"), digits.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        let length = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return length <= limit ? length : nil
    }

    /// What a head says; nil where it is not a whole one of Mailroom's.
    static func parse(_ start: [UInt8]) -> Parsed? {
        var lines = Lines(rest: start[...])
        guard lines.next() == field else { return nil }
        var notes: [String: [String]] = [:]
        while let note = lines.next(after: " ") {
            let sides = note.dropLast().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard note.hasSuffix(";"), sides.count == 2, let value = decoded(sides[1]) else { return nil }
            notes[String(sides[0]), default: []].append(value)
        }
        let times = notes["at"]?.first?.split(separator: ".") ?? []
        guard let id = notes["id"]?.first, let helo = notes["helo"]?.first, let client = notes["client"]?.first,
            times.count == 2, let seconds = Int64(times[0]), let nanoseconds = Int64(times[1]),
            let count = notes["recipients"]?.first.flatMap({ Int($0) }), count >= 0,
            let path = lines.next(after: "Return-Path: <"), path.hasSuffix(">")
        else { return nil }
        var recipients: [String] = []
        for _ in 0..<count {
            guard let recipient = lines.next(after: "Delivered-To: ") else { return nil }
            recipients.append(recipient)
        }
        guard lines.rest.isEmpty else { return nil }
        var envelope = CapturedMessage.Envelope(
            helo: helo, remoteAddress: client, reversePath: path == ">" ? nil : String(path.dropLast()),
            recipients: recipients)
        envelope.userName = notes["user"]?.first
        envelope.isEncrypted = notes["tls"] != nil
        envelope.senderParameters = notes["mail"] ?? []
        envelope.recipientParameters = recipients.indices.map { notes["rcpt\($0)"] ?? [] }
        return (id, .seconds(seconds) + .nanoseconds(nanoseconds), envelope, lines.rest.startIndex)
    }

    private struct Lines {
        var rest: ArraySlice<UInt8>

        mutating func next() -> String? { next(after: "") }

        /// What follows a word at the beginning of the next line, which is left where it is otherwise.
        mutating func next(after word: String) -> String? {
            guard rest.starts(with: word.utf8), let end = rest.firstRange(of: [13, 10]) else { return nil }
            defer { rest = rest[end.upperBound...] }
            return String(decoding: rest[..<end.lowerBound].dropFirst(word.utf8.count), as: UTF8.self)
        }
    }

    /// A value without semicolons, line breaks and whatever else might end it.
    private static func encoded(_ value: String) -> String {
        var result = ""
        for byte in value.utf8 {
            if byte > 32, byte < 127, byte != UInt8(ascii: ";"), byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + String(Int(byte) + 256, radix: 16).dropFirst()
            }
        }
        return result
    }

    private static func decoded(_ value: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = value.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

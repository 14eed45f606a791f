import Mailroom
public import MailroomMIME

extension CapturedMail {
    /// A file that came with a mail, or is shown within its HTML.
    public struct Attachment: Hashable, Sendable {
        /// The name offered for saving.
        public let name: String?
        /// What kind of content it is.
        public let mediaType: MediaType
        /// The content, its transfer encoding undone.
        public let bytes: [UInt8]
    }

    /// The subject; empty where there is none.
    public var subject: String { channel == .email ? entity.first("Subject") ?? "" : message.subject }

    /// The mailboxes of `From`; none on other channels than mail.
    public var from: [Mailbox] { entity.mailboxes("From") }

    /// The mailboxes of `To`: all that the message is to, whether still owed or not.
    public var to: [Mailbox] { entity.mailboxes("To") }

    /// The mailboxes of `Cc`.
    public var cc: [Mailbox] { entity.mailboxes("Cc") }

    /// The plain text, its lines ended by line feeds alone; `nil` for none.
    public var text: String? { (channel == .email ? entity.plainText : message.text).map(CapturedMail.lines) }

    /// The HTML, its lines ended by line feeds alone; `nil` for none.
    public var html: String? { (channel == .email ? entity.html : message.html).map(CapturedMail.lines) }

    /// The attachments in order, what the HTML shows among them.
    public var attachments: [Attachment] {
        entity.attachments.map { Attachment(name: $0.fileName, mediaType: $0.contentType, bytes: $0.body) }
    }

    /// The first header field of a name, letter case aside, decoded; `nil` for none.
    public func header(_ name: String) -> String? { entity.first(name) }

    private static func lines(_ text: String) -> String {
        // By scalars: CR LF is one Character.
        var lines = String.UnicodeScalarView()
        var isAfterReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" { lines.append("\n") } else if scalar != "\n" || !isAfterReturn { lines.append(scalar) }
            isAfterReturn = scalar == "\r"
        }
        return String(lines)
    }
}

extension CapturedMail: CustomStringConvertible {
    /// One line: number, recipients, subject or the beginning of the text, and what became of it unless all went well.
    public var description: String {
        let road = channel == .email ? "" : " by \(channel)"
        let shown = recipients.prefix(3).joined(separator: ", ")
        let more = recipients.count > 3 ? " and \(recipients.count - 3) more" : ""
        let notes = [attempt > 1 ? "attempt \(attempt)" : nil, answerWords].compactMap { $0 }
        let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
        return "#\(number)\(road) to \(shown)\(more): \(title)\(note)"
    }

    private var title: String {
        guard subject.isEmpty else { return subject.shown }
        let body = text ?? html ?? ""
        return (channel == .email ? "no subject, " : "") + (body.isEmpty ? "no text" : body.shown)
    }

    private var answerWords: String? {
        switch answer {
        case nil: return "under way"
        case .failure(let error): return "failed: \(error.code.rawValue)"
        case .success(let report):
            let statuses = report.outcomes.map(\.status)
            guard statuses.contains(where: { $0 != .accepted }) else { return nil }
            let kinds: [RecipientOutcome.Status] = [.accepted, .refusedForNow, .refused, .unknown]
            let counts = kinds.map { kind in (kind, statuses.filter { $0 == kind }.count) }.filter { $0.1 > 0 }
            if counts.count == 1 { return counts[0].0.words }
            return counts.map { "\($0.1) \($0.0.words)" }.joined(separator: ", ")
        }
    }
}

extension RecipientOutcome.Status {
    fileprivate var words: String {
        switch self {
        case .accepted: "accepted"
        case .refusedForNow: "refused for now"
        case .refused: "refused"
        case .unknown: "in doubt"
        }
    }
}

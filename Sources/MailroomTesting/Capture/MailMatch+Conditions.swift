public import Mailroom
import MailroomMIME

extension MailMatch {
    /// The envelope has a recipient of this address, letter case aside. Others may be in it, too.
    public static func to(_ address: String) -> MailMatch {
        MailMatch("to \(address)") { mail in
            if mail.envelope.recipients.contains(where: { $0.hasAddress(address) }) { return nil }
            return Mismatch(
                words: "it is to \(listed(mail.recipients))",
                distance: mail.recipients.map { distance(address, fromAddress: $0) }.min() ?? 1)
        }
    }

    /// An author has this address, letter case aside, or is written just so: `Club <club@example.org>`.
    public static func from(_ author: String) -> MailMatch {
        MailMatch("from \(author)") { mail in
            let authors = mail.from
            let wanted = author.lowercased()
            if authors.contains(where: { $0.address.description.lowercased() == wanted || $0.description == author }) {
                return nil
            }
            return Mismatch(
                words: authors.isEmpty ? "it names no author" : "it is from \(listed(authors.map(\.description)))",
                distance: authors.map { distance(author, fromAddress: $0.address.description) }.min() ?? 1)
        }
    }

    /// The subject is exactly this.
    public static func subject(_ subject: String) -> MailMatch {
        MailMatch("with subject \(subject.shown)") { differs("subject", mail: $0.subject, wanted: subject) }
    }

    /// The subject contains this.
    public static func subjectContains(_ part: String) -> MailMatch {
        MailMatch("whose subject contains \(part.shown)") { lacks("subject", $0.subject, part) }
    }

    /// The plain text contains this. Lines end with a line feed alone.
    public static func textContains(_ part: String) -> MailMatch {
        MailMatch("whose text contains \(part.shown)") { lacks("text", $0.text, part) }
    }

    /// The HTML contains this. Lines end with a line feed alone.
    public static func htmlContains(_ part: String) -> MailMatch {
        MailMatch("whose HTML contains \(part.shown)") { lacks("HTML", $0.html, part) }
    }

    /// A header field of this name, letter case aside, has exactly this value.
    public static func header(_ name: String, _ value: String) -> MailMatch {
        MailMatch("with header \(name): \(value.shown)") { mail in
            let values = mail.entity.all(name)
            if values.contains(value) { return nil }
            guard let first = values.first else { return Mismatch(words: "it has no header \(name)") }
            return differs("header \(name)", mail: first, wanted: value)
        }
    }

    /// An attachment has this name.
    public static func attachment(_ name: String) -> MailMatch {
        MailMatch("with attachment \(name.shown)") { mail in
            let attachments = mail.attachments
            let names = attachments.compactMap(\.name)
            if names.contains(name) { return nil }
            guard !attachments.isEmpty else { return Mismatch(words: "it has no attachment") }
            let shown = attachments.map { $0.name?.shown ?? "one without name" }
            return Mismatch(words: "its attachments are \(listed(shown))", distance: distance(name, from: names))
        }
    }

    /// It went by this channel.
    public static func channel(_ channel: Channel) -> MailMatch {
        MailMatch("on channel \(channel)") { mail in
            mail.channel == channel ? nil : Mismatch(words: "its channel is \(mail.channel)")
        }
    }

    /// It belongs to this job: a receipt has the id.
    public static func job(_ id: JobID) -> MailMatch {
        MailMatch("of job \(id)") { $0.id == id ? nil : Mismatch(words: "its job is \($0.id)") }
    }

    /// It is this try of its job, from 1.
    public static func attempt(_ attempt: Int) -> MailMatch {
        MailMatch("of attempt \(attempt)") { mail in
            mail.attempt == attempt ? nil : Mismatch(words: "its attempt is \(mail.attempt)", distance: 0.5)
        }
    }
}

extension MailMatch {
    private static func differs(_ what: String, mail value: String, wanted: String) -> Mismatch? {
        if value == wanted { return nil }
        var words = "its \(what) is \(value.shown)"
        if value.isEqualButForBlanks(to: wanted) {
            words += ", the same but for blanks"
        } else if value.isEqualButForCase(to: wanted) {
            words += ", the same but for letter case"
        }
        return Mismatch(words: words, distance: value.folded == wanted.folded ? 0.1 : distance(wanted, from: [value]))
    }

    private static func lacks(_ what: String, _ value: String?, _ part: String) -> Mismatch? {
        guard let value else { return Mismatch(words: "it has no \(what)") }
        if part.isEmpty || value.contains(part) { return nil }
        var mismatch = Mismatch(words: "its \(what) is \(value.shown)")
        if value.lowercased().contains(part.lowercased()) {
            mismatch = Mismatch(words: "its \(what) contains that in other letter case", distance: 0.1)
        } else if value.folded.contains(part.folded) {
            mismatch = Mismatch(words: "its \(what) contains that with other blanks or line ends", distance: 0.1)
        }
        return mismatch
    }

    /// The share of the letters to change, of the longest beginnings that are worth comparing.
    private static func distance(_ word: String, from others: [String]) -> Double {
        let word = word.lowercased().utf8.prefix(80)
        return others.map { other in
            let other = other.lowercased().utf8.prefix(80)
            return Double(Nearest.distance(word, other)) / Double(max(word.count, other.count, 1))
        }.min() ?? 1
    }

    /// The same for addresses: near are those alone of which both sides are, for many have the domain in common.
    private static func distance(_ address: String, fromAddress other: String) -> Double {
        let (one, other) = (address.split(separator: "@"), other.split(separator: "@"))
        guard one.count == other.count else { return 1 }
        return zip(one, other).map { distance(String($0), from: [String($1)]) }.max() ?? 1
    }

    private static func listed(_ words: [String]) -> String {
        let shown = words.prefix(3).joined(separator: ", ")
        return words.count > 3 ? "\(shown) and \(words.count - 3) more" : words.isEmpty ? "nobody" : shown
    }
}

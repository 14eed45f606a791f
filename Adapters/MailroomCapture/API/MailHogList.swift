/// A list's mails as JSON, as many of them as one answer may have.
///
/// It ends with the last mail that there is room for, whole. A mail that is larger than a whole answer may be stands in it
/// without its body: a list never fails for one of its mails.
struct MailHogList {
    /// Octets of JSON in one answer.
    static let maximumBytes = 64 << 20

    /// How many mails there was room for.
    private(set) var count = 0
    private(set) var json: JSONWriter
    private let hostname: String
    private let budget: Int
    /// What may still be spent on mails that turn out to be too large.
    private var patience = 4

    /// As many of the mails as fit; those after the client has gone are left out.
    init(
        _ entries: some Sequence<MessageStore.Entry>, hostname: String, budget: Int = maximumBytes,
        isWanted: () -> Bool = { true }
    ) {
        self.hostname = hostname
        self.budget = budget
        json = JSONWriter(budget: budget)
        json.beginArray()
        for entry in entries {
            guard isWanted(), add(entry.message) else { break }
            count += 1
        }
        json.endArray()
    }

    /// Answers false where a mail has no room left.
    private mutating func add(_ message: CapturedMessage) -> Bool {
        let mark = json.mark
        if !Self.isTooLarge(message, budget) {
            MailHogMessage(message, hostname: hostname).write(to: &json)
            if !json.isOverdrawn { return true }
            json.goBack(to: mark)
            // Whether it is the mail that is too large or the room too small, an empty answer shows.
            if count > 0, patience == 0 || Self.whole(message, hostname: hostname, budget: budget) != nil {
                return false
            }
            patience = max(0, patience - 1)
        }
        MailHogMessage(headOf: message, hostname: hostname).write(to: &json)
        if json.isOverdrawn {
            json.goBack(to: mark)
            return false
        }
        return true
    }

    /// A mail's JSON; without its body where it is too large.
    static func json(of message: CapturedMessage, hostname: String, budget: Int = maximumBytes) -> [UInt8] {
        if let whole = whole(message, hostname: hostname, budget: budget) { return whole }
        var json = JSONWriter()
        MailHogMessage(headOf: message, hostname: hostname).write(to: &json)
        return json.bytes
    }

    /// A mail's JSON; nil where it is too large.
    static func whole(_ message: CapturedMessage, hostname: String, budget: Int = maximumBytes) -> [UInt8]? {
        if isTooLarge(message, budget) { return nil }
        var json = JSONWriter(budget: budget)
        MailHogMessage(message, hostname: hostname).write(to: &json)
        return json.isOverdrawn ? nil : json.bytes
    }

    /// Whether a mail need not even be read for that: its octets are written twice, but for what is its header.
    private static func isTooLarge(_ message: CapturedMessage, _ budget: Int) -> Bool { message.size > budget }
}

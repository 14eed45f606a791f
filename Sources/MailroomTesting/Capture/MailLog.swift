/// Mails in the order in which something happened to them. It can be emptied, and goes on counting.
struct MailLog: Sendable {
    private(set) var mails: [CapturedMail] = []
    /// How many there were since the beginning.
    private(set) var count = 0

    /// How many of them were there when it was last emptied.
    var removed: Int { count - mails.count }

    /// Those that came after the first so many, and are still there. An array of their own: a slice would have the next
    /// mail copy the whole log.
    func after(_ seen: Int) -> [CapturedMail] { Array(mails.suffix(count - seen)) }

    mutating func append(_ mail: CapturedMail) {
        mails.append(mail)
        count += 1
    }

    mutating func removeAll() { mails = [] }
}

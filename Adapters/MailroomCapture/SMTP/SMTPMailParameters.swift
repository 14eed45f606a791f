/// The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954), RET and ENVID
/// (RFC 3461).
struct SMTPMailParameters {
    /// The octets announced; 0 where none were.
    private(set) var size = 0
    private(set) var allowsInternational = false
    /// As they were sent.
    private(set) var words: [String] = []

    /// Reads the words after the path.
    /// - Returns: the reply to what is wrong with them; nil where nothing is.
    mutating func read(_ words: [String], limit: Int, offers: (String) -> Bool) -> String? {
        var seen: Set<String> = []
        self.words = words
        for word in words {
            let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides[0].uppercased()
            guard seen.insert(name).inserted else { return "501 5.5.4 \(name) stands twice" }
            if let refusal = read(name, sides.count > 1 ? String(sides[1]) : nil, limit: limit, offers: offers) {
                return refusal
            }
        }
        return nil
    }

    private mutating func read(
        _ name: String, _ value: String?, limit: Int, offers: (String) -> Bool
    ) -> String? {
        switch (name, value) {
        case ("SIZE", let text?) where offers("SIZE"):
            guard text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }), let size = Int(text) else {
                return "501 5.5.4 SIZE needs a number"
            }
            if size > limit { return "552 5.3.4 The message is larger than \(limit) octets" }
            self.size = size
        case ("BODY", let kind?) where offers("8BITMIME"):
            guard ["7BIT", "8BITMIME"].contains(kind.uppercased()) else {
                return "501 5.5.4 BODY is 7BIT or 8BITMIME"
            }
        case ("SMTPUTF8", nil) where offers("SMTPUTF8"): allowsInternational = true
        case ("AUTH", let name?) where offers("AUTH"):
            guard SMTPNotification.isXtext(name) else { return "501 5.5.4 AUTH needs xtext (RFC 3461, 4)" }
        case ("RET", let what?) where offers("DSN"):
            guard ["FULL", "HDRS"].contains(what.uppercased()) else { return "501 5.5.4 RET is FULL or HDRS" }
        case ("ENVID", let id?) where offers("DSN"):
            guard SMTPNotification.isXtext(id), id.utf8.count <= 100 else {
                return "501 5.5.4 ENVID is at most 100 characters of xtext (RFC 3461, 4)"
            }
        default: return "555 5.5.4 A parameter of MAIL is not understood"
        }
        return nil
    }
}

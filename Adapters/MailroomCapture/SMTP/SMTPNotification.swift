/// The parameters of RCPT, which ask for notifications (RFC 3461).
enum SMTPNotification {
    /// The reply to what is wrong with the words after the path; nil where nothing is.
    static func problem(in words: [String], isOffered: Bool) -> String? {
        var seen: Set<String> = []
        for word in words {
            let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides[0].uppercased()
            guard seen.insert(name).inserted else { return "501 5.5.4 \(name) stands twice" }
            switch (name, sides.count > 1 ? String(sides[1]) : nil) {
            case ("NOTIFY", let events?) where isOffered:
                guard isEvents(events.uppercased()) else {
                    return "501 5.5.4 NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY"
                }
            case ("ORCPT", let address?) where isOffered:
                guard isTypedAddress(address) else {
                    return "501 5.5.4 ORCPT is a type, a semicolon and an address as xtext (RFC 3461, 4.2)"
                }
            default: return "555 5.5.4 A parameter of RCPT is not understood"
            }
        }
        return nil
    }

    private static func isEvents(_ text: String) -> Bool {
        if text == "NEVER" { return true }
        let events = text.split(separator: ",", omittingEmptySubsequences: false)
        return Set(events).count == events.count && events.allSatisfy { ["SUCCESS", "FAILURE", "DELAY"].contains($0) }
    }

    private static func isTypedAddress(_ text: String) -> Bool {
        guard text.utf8.count <= 500, let semicolon = text.firstIndex(of: ";") else { return false }
        let type = text[..<semicolon].utf8
        let isAtom = type.allSatisfy { $0 == 45 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
        let address = text[text.index(after: semicolon)...]
        return !type.isEmpty && isAtom && !address.isEmpty && isXtext(address)
    }

    /// Whether a text is xtext: printable, without `=`, and with `+` only before two hexadecimal digits (RFC 3461, 4).
    static func isXtext(_ text: some StringProtocol) -> Bool {
        var digitsOwed = 0
        for byte in text.utf8 {
            if digitsOwed > 0 {
                guard (48...57).contains(byte) || (65...70).contains(byte) else { return false }
                digitsOwed -= 1
            } else if byte == UInt8(ascii: "+") {
                digitsOwed = 2
            } else if byte < 33 || byte > 126 || byte == UInt8(ascii: "=") {
                return false
            }
        }
        return digitsOwed == 0
    }
}

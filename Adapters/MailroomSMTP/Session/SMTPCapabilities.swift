/// What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).
struct SMTPCapabilities: Equatable {
    /// RFC 2920.
    var pipelining = false
    /// RFC 6152.
    var eightBitMIME = false
    /// RFC 6531.
    var smtpUTF8 = false
    /// RFC 2034.
    var enhancedStatusCodes = false
    /// RFC 3207.
    var startTLS = false
    /// RFC 3461.
    var dsn = false
    /// RFC 3030.
    var chunking = false
    /// Whether a message's size may be declared (RFC 1870).
    var size = false
    /// The largest message it takes, in octets, where it says.
    var maximumSize: Int?
    /// The mechanisms of RFC 4954, in capitals.
    var authentication: [String] = []
    /// The lines as the server wrote them, its name first.
    var lines: [String] = []

    /// What a server that knows only HELO offers: nothing.
    init() {}

    /// Reads the lines of the reply; the first is the server's name.
    init(lines: [String]) {
        self.lines = lines
        for line in lines.dropFirst() {
            // Old servers wrote AUTH=LOGIN.
            let words = line.uppercased().split(whereSeparator: { $0 == " " || $0 == "=" }).map(String.init)
            guard let keyword = words.first else { continue }
            switch keyword {
            case "PIPELINING": pipelining = true
            case "8BITMIME": eightBitMIME = true
            case "SMTPUTF8": smtpUTF8 = true
            case "ENHANCEDSTATUSCODES": enhancedStatusCodes = true
            case "STARTTLS": startTLS = true
            case "DSN": dsn = true
            case "CHUNKING": chunking = true
            case "SIZE":
                size = true
                // 0 says that there is no fixed limit (RFC 1870 §4).
                maximumSize = words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
            case "AUTH": authentication += words.dropFirst().filter { !authentication.contains($0) }
            default: break
            }
        }
    }
}

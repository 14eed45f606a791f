import MailroomSockets

/// The server's side of an SMTP dialogue as a pure machine (RFC 5321): octets in, replies and mails out.
///
/// Only CRLF ends a line. A line with a line feed of its own is answered as an error and nothing in it is obeyed. The
/// octets of a mail go to the destination as they arrive and are never in the session.
struct SMTPSession {
    /// A mail under way, from MAIL on.
    struct Transaction {
        var reversePath: String
        var parameters = SMTPMailParameters()
        var recipients: [String] = []
        var recipientParameters: [[String]] = []
        /// Octets of the addresses and their parameters.
        var octets = 0
        /// What BDAT has brought so far.
        var chunks: LimitedContent?
    }

    enum Phase {
        case commands
        case content(DataReader)
        case chunk(SMTPChunk)
        case login(SMTPLogin)
        /// TLS is about to begin; what comes in the clear is dropped. Where a rule says so the handshake is broken off.
        case securing(isBroken: Bool)
    }

    /// How the dialogue ends.
    enum Ending {
        case close
        case reset
    }

    let settings: SMTPSettings
    let remoteAddress: String
    let destination: any MailDestination
    var phase = Phase.commands
    var helo: String?
    var isExtended = false
    /// Extensions that EHLO kept back.
    var hiddenExtensions: Set<String> = []
    var isEncrypted = false
    var isAuthenticated = false
    var userName: String?
    var transaction: Transaction?
    /// Whether the greeting was a refusal, after which only QUIT is in order (RFC 5321, 3.1).
    var isTurnedAway = false
    /// Set when the dialogue is over; what arrives is not looked at any more.
    var ending: Ending?
    /// How the handshake that a rule breaks off ends.
    var brokenHandshake = Ending.close
    /// How many lines have been read.
    private(set) var lineCount = 0
    /// How many mails' octets have begun.
    var contentCount = 0
    var failures = 0
    /// The beginning of a line whose end has not arrived.
    private var line: [UInt8] = []
    /// Whether the line is too long and its rest is thrown away.
    private var discards = false
    /// Octets that are read once replies have left, and how many of them have been read.
    private var kept: [UInt8] = []
    private var keptRead = 0

    init(_ settings: SMTPSettings, remoteAddress: String, destination: any MailDestination) {
        self.settings = settings
        self.remoteAddress = remoteAddress
        self.destination = destination
    }

    var hostname: String { settings.hostname }
    var limits: SMTPLimits { settings.limits }

    /// Whether a mail's octets are being read.
    var isReadingContent: Bool {
        switch phase {
        case .content, .chunk: true
        default: false
        }
    }

    /// Whether a mail is amid its octets, or between two BDAT.
    var isContentUnderWay: Bool { isReadingContent || transaction?.chunks != nil }

    /// Whether TLS is to begin.
    var awaitsTLS: Bool { if case .securing(false) = phase { true } else { false } }

    /// Greets.
    mutating func begin(_ output: inout ConnectionOutput) {
        conclude(
            Answer("220 \(hostname) ESMTP Mailroom capture: nothing is delivered", .welcome), at: .connect, &output)
    }

    /// Begins anew after the handshake, having forgotten all that was said in the clear (RFC 3207, 4.2).
    mutating func secured() {
        self = SMTPSession(settings, remoteAddress: remoteAddress, destination: destination)
        isEncrypted = true
    }

    /// Reads what has arrived and writes replies.
    ///
    /// Where a reply is held back, or too many wait, the rest is kept until they have left, so that nothing is obeyed
    /// before its turn; ``ConnectionOutput/waitForRoom()`` is asked for then.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        if !bytes.isEmpty, ending == nil, settings.rules.disconnects() { ending = .close }
        if kept.isEmpty {
            let count = read(bytes, &output)
            if count < bytes.count { kept = Array(bytes[count...]) }
        } else {
            // Taken out of the session, which changes meanwhile.
            var octets: [UInt8] = []
            swap(&octets, &kept)
            octets.append(contentsOf: bytes)
            keptRead += octets.withUnsafeBytes { read(UnsafeRawBufferPointer(rebasing: $0[keptRead...]), &output) }
            if keptRead < octets.count { swap(&octets, &kept) } else { keptRead = 0 }
        }
    }

    /// Obeys as much as may be answered now.
    /// - Returns: how many octets that were, with those that are no longer of interest.
    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) -> Int {
        var rest = bytes
        while !rest.isEmpty, ending == nil, !awaitsTLS {
            if output.isFull || output.holdsBack {
                output.waitForRoom()
                return bytes.count - rest.count
            }
            switch phase {
            case .content(var reader):
                // Taken out of the phase, so that what it holds has one owner.
                phase = .commands
                guard let count = reader.read(rest) else {
                    phase = .content(reader)
                    return bytes.count
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                finish(reader.content, &output)
            case .chunk(let chunk):
                let count = min(chunk.left, rest.count)
                take(UnsafeRawBufferPointer(rebasing: rest[..<count]), of: chunk, &output)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .securing: ending = brokenHandshake
            case .commands, .login: rest = takeLine(rest, &output)
            }
        }
        return bytes.count
    }

    /// Uses up octets to the end of the line, or all of them.
    private mutating func takeLine(
        _ input: UnsafeRawBufferPointer, _ output: inout ConnectionOutput
    ) -> UnsafeRawBufferPointer {
        if line.isEmpty, !discards, input[0] == 0x16 {
            // A TLS handshake's first octet: its sender waits for an answer that could never come.
            write("421 4.7.0 TLS does not begin at once here; say STARTTLS", &output)
            ending = .close
            return input
        }
        let end = input.firstIndex(of: 10).map { $0 + 1 } ?? input.count
        let rest = UnsafeRawBufferPointer(rebasing: input[end...])
        if !discards, line.count + end <= lineLimit {
            line.append(contentsOf: input[..<end])
        } else {
            discards = true
            line.removeAll(keepingCapacity: true)
        }
        guard input[end - 1] == 10 else { return rest }
        lineCount &+= 1
        defer { line.removeAll(keepingCapacity: line.capacity <= 1024) }
        if discards {
            discards = false
            if case .login = phase { phase = .commands }
            refuse("500 5.5.2 The line is too long", &output)
        } else if line.count < 2 || line[line.count - 2] != 13 || line.dropLast(2).contains(13) {
            refuse("500 5.5.2 Lines must end in CRLF, and have no other CR or LF", &output)
        } else if case .login(let login) = phase {
            phase = .commands
            proceed(login, with: line.dropLast(2), &output)
        } else {
            obey(line.dropLast(2), &output)
        }
        return rest
    }

    private var lineLimit: Int {
        if case .login = phase { limits.loginBytes } else { limits.commandBytes }
    }
}

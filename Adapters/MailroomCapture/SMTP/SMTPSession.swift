import MailroomSockets

/// The server's side of an SMTP dialogue as a pure machine (RFC 5321): octets in, replies and messages out.
///
/// Only CRLF ends a line. A line with a line feed of its own is answered as an error and nothing in it is obeyed.
struct SMTPSession {
    /// A message that has arrived whole.
    struct Message {
        let helo: String
        let reversePath: String?
        let recipients: [String]
        let bytes: [UInt8]
    }

    struct Transaction {
        var reversePath: String
        var allowsInternational: Bool
        var declaredSize: Int
        var recipients: [String] = []
    }

    private enum Phase {
        case commands
        case content(DataReader)
        case login(SMTPLogin)
    }

    let hostname: String
    let limits: SMTPLimits
    var helo: String?
    var isExtended = false
    var isAuthenticated = false
    var transaction: Transaction?
    /// Whether the dialogue is over; what arrives is not looked at any more.
    var isOver = false
    private var phase = Phase.commands
    private var failures = 0
    /// The beginning of a line whose end has not arrived.
    private var line: [UInt8] = []
    /// Whether the line is too long and its rest is thrown away.
    private var discards = false

    init(hostname: String, limits: SMTPLimits) {
        self.hostname = hostname
        self.limits = limits
    }

    var greeting: String { "220 \(hostname) ESMTP Mailroom capture: nothing is delivered\r\n" }

    /// Reads what has arrived and writes replies; `accept` stores a message and says its id.
    mutating func receive(
        _ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput, accept: (Message) -> String
    ) {
        var rest = bytes
        while !rest.isEmpty, !isOver {
            if case .content(var reader) = phase {
                // Taken out of the phase, so that the octets have one owner and are not copied.
                phase = .commands
                guard let count = reader.read(rest) else {
                    phase = .content(reader)
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                finish(reader, &output, accept: accept)
            } else {
                rest = takeLine(rest, &output)
            }
        }
    }

    /// Uses up octets to the end of the line, or all of them.
    private mutating func takeLine(
        _ input: UnsafeRawBufferPointer, _ output: inout ConnectionOutput
    ) -> UnsafeRawBufferPointer {
        let end = input.firstIndex(of: 10).map { $0 + 1 } ?? input.count
        let rest = UnsafeRawBufferPointer(rebasing: input[end...])
        if !discards, line.count + end <= limits.commandBytes {
            line.append(contentsOf: input[..<end])
        } else {
            discards = true
            line.removeAll(keepingCapacity: true)
        }
        guard input[end - 1] == 10 else { return rest }
        defer { line.removeAll(keepingCapacity: true) }
        if discards {
            discards = false
            reply("500 5.5.2 The line is too long", &output)
        } else if line.count < 2 || line[line.count - 2] != 13 || line.dropLast(2).contains(13) {
            reply("500 5.5.2 Lines must end in CRLF, and have no other CR or LF", &output)
        } else if case .login(var login) = phase {
            phase = .commands
            let answer = login.answer(line.dropLast(2))
            if !answer.isFinal { phase = .login(login) }
            if answer.succeeds { isAuthenticated = true }
            reply(answer.reply, &output)
        } else {
            obey(line.dropLast(2), &output)
        }
        return rest
    }

    private mutating func obey(_ line: ArraySlice<UInt8>, _ output: inout ConnectionOutput) {
        let end = line.firstIndex(of: 32) ?? line.endIndex
        let verb = String(decoding: line[..<end], as: UTF8.self).uppercased()
        let argument = line[end...].drop { $0 == 32 }
        switch verb {
        case "DATA":
            let answer = beginContent(argument)
            reply(answer, &output)
        case "AUTH":
            let (answer, login) = beginLogin(argument)
            if let login { phase = .login(login) }
            if answer.utf8.first == UInt8(ascii: "2") { isAuthenticated = true }
            reply(answer, &output)
        case "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT":
            // A browser lured into speaking to this port must not get through to a command in its body.
            isOver = true
            output.write("421 4.7.0 This is SMTP; the web page is on another port\r\n")
        default:
            reply(self.reply(to: verb, argument), &output)
        }
    }

    private mutating func beginContent(_ argument: ArraySlice<UInt8>) -> String {
        guard argument.isEmpty else { return "501 5.5.4 DATA has no arguments" }
        guard let transaction else { return "503 5.5.1 MAIL comes first" }
        guard !transaction.recipients.isEmpty else { return "503 5.5.1 RCPT comes first" }
        phase = .content(DataReader(limit: limits.messageBytes, expectedCount: transaction.declaredSize))
        return "354 End data with <CR><LF>.<CR><LF>"
    }

    private mutating func finish(
        _ reader: DataReader, _ output: inout ConnectionOutput, accept: (Message) -> String
    ) {
        guard let transaction else { return }
        self.transaction = nil
        if reader.isOverLimit {
            return reply("552 5.3.4 The message is larger than \(limits.messageBytes) octets", &output)
        }
        let id = accept(
            Message(
                helo: helo ?? "", reversePath: transaction.reversePath.isEmpty ? nil : transaction.reversePath,
                recipients: transaction.recipients, bytes: reader.bytes))
        reply("250 2.0.0 Ok: queued as \(id)", &output)
    }

    private mutating func reply(_ text: String, _ output: inout ConnectionOutput) {
        output.write(text)
        output.write("\r\n")
        switch text.utf8.first {
        case UInt8(ascii: "5"):
            failures += 1
            if failures >= limits.errors, !isOver {
                isOver = true
                output.write("421 4.7.0 Too many errors\r\n")
            }
        case UInt8(ascii: "4"): break
        default: failures = 0
        }
    }
}

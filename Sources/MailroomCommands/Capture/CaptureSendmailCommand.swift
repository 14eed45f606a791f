import Foundation
import Mailroom
import MailroomMIME

/// `capture sendmail`: what programs call as sendmail, such as PHP's `sendmail_path`; hands the mail to a capture server.
struct CaptureSendmailCommand: Command {
    /// What sendmail's callers understand (sysexits): a failure that may pass, and one for good.
    private static let (temporaryFailure, unavailable): (Int32, Int32) = (75, 69)

    let name = "sendmail"
    let summary = "takes a mail as sendmail does, from standard input, and hands it to a capture server by SMTP"
    let details = """
        For PHP: sendmail_path = "mailroom capture sendmail -t". Exit status 75 where trying again may help, 69 where a
        recipient was refused for good.
        """
    let operands: String? = "[RECIPIENT…]"
    let acceptsOneDash = true
    let options: [Arguments.Option] = [
        .init("smtp-addr", "ADDRESS", "the capture server, host:port (localhost:1025; MH_SENDMAIL_SMTP_ADDR)"),
        .init("from", "ADDRESS", "the envelope's sender (MH_SENDMAIL_FROM; user and machine unless given)"),
        .init("f", "ADDRESS", "the same"),
        .init("t", "takes the recipients from To, Cc and Bcc, and Bcc out"),
        .init("i", "for sendmail's sake: a line with a dot alone never ends the mail"),
        .init("o", "OPTION", "for sendmail's sake, without effect, as are the next two"),
        .init("F", "NAME", "the sender's name"),
        .init("v", "tells more"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let input = FileHandle.standardInput.readDataToEndOfFile()
        var mail = LineEnds.crlf([UInt8](input))
        var recipients = arguments.operands
        if arguments.has("t") || recipients.isEmpty {
            let entity = Entity(parsing: mail)
            recipients += ["To", "Cc", "Bcc"].flatMap { entity.mailboxes($0) }.map(\.address.description)
            mail = HeaderCut.removing("bcc", from: mail)
        }
        guard !recipients.isEmpty else {
            throw UsageError("there is no recipient: name one, or give -t and a To field")
        }
        let variables = environment.variables
        let server = arguments.text("smtp-addr") ?? variables["MH_SENDMAIL_SMTP_ADDR"] ?? "localhost:1025"
        let sender =
            arguments.text("f") ?? arguments.text("from") ?? variables["MH_SENDMAIL_FROM"]
            ?? "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"
        let reversePath = sender.isEmpty || sender == "<>" ? nil : try EmailAddress(sender)
        let transport = try environment.schemes.transport("smtp://\(server)?tls=off&connections=1")
        let delivery = Mail(
            id: JobID(at: Date(), random: .system),
            envelope: Envelope(reversePath: reversePath, recipients: recipients.map { .to($0) }), bytes: mail,
            deadline: .now + .seconds(60))
        let report: DeliveryReport
        do throws(TransportError) {
            report = try await transport.deliver(delivery)
        } catch {
            environment.console.error("\(error.description)")
            await transport.shutdown()
            return Self.temporaryFailure
        }
        await transport.shutdown()
        let refused = report.outcomes.filter { $0.status != .accepted }
        for outcome in refused {
            environment.console.error("\(outcome.recipient): \(outcome.reply.map { "\($0)" } ?? "no answer")")
        }
        if refused.isEmpty { return 0 }
        return refused.contains { $0.status != .refused } ? Self.temporaryFailure : Self.unavailable
    }
}

/// Line ends as SMTP has them.
enum LineEnds {
    /// Every line feed and carriage return alone becomes CRLF, and the last line ends in one.
    static func crlf(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 32 + 2)
        var previous: UInt8 = 0
        for byte in bytes {
            switch (byte, previous) {
            case (10, 13): break
            case (10, _), (13, _): result += [13, 10]
            default: result.append(byte)
            }
            previous = byte
        }
        if !result.isEmpty, result.last != 10 { result += [13, 10] }
        return result
    }
}

/// Takes fields out of a mail's header.
enum HeaderCut {
    /// The mail without the fields of a name in small letters, and the lines that continue them.
    static func removing(_ name: String, from mail: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(mail.count)
        var rest = mail[...]
        var isDropping = false
        while let newline = rest.firstIndex(of: 10) {
            let line = rest[...newline]
            if line.elementsEqual([13, 10]) { break }
            if line.first != 32, line.first != 9 {
                let field = line.prefix { $0 != UInt8(ascii: ":") }
                isDropping =
                    String(decoding: field, as: UTF8.self).lowercased().trimmingCharacters(in: .whitespaces) == name
            }
            if !isDropping { result += line }
            rest = rest[(newline + 1)...]
        }
        return result + rest
    }
}

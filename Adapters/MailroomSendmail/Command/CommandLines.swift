import Mailroom
import MailroomMIME

/// What the program is started with, for each run that a mail needs.
struct CommandLines {
    struct Run {
        /// Without the program itself.
        var arguments: [String]
        /// Which of the envelope's recipients it is for.
        var recipients: [Int]
    }

    private(set) var runs: [Run] = []
    /// Those who cannot be named on a command line.
    private(set) var refused: [(index: Int, reply: Reply)] = []

    /// Systems take 128 KiB of arguments and environment at the very least.
    private static let roomForRecipients = 65_536

    init(_ envelope: Envelope, _ configuration: SendmailConfiguration) throws(TransportError) {
        let options = ["-i", "-f", try Self.sender(envelope.reversePath)] + configuration.arguments + ["--"]
        var room = 0
        for (index, recipient) in envelope.recipients.enumerated() {
            guard recipient.channel == .email, let address = try? EmailAddress(recipient.address),
                let argument = Self.argument(address)
            else {
                refused.append(
                    (
                        index,
                        Reply(
                            code: 0, enhancedStatus: "5.1.3",
                            text: "The address cannot be given to a program, which would read it as another: "
                                + "use one without quotation marks.")
                    ))
                continue
            }
            let size = argument.utf8.count + 1
            if let last = runs.last, last.recipients.count < configuration.recipientsPerRun, room >= size {
                runs[runs.count - 1].arguments.append(argument)
                runs[runs.count - 1].recipients.append(index)
            } else {
                runs.append(Run(arguments: options + [argument], recipients: [index]))
                room = Self.roomForRecipients
            }
            room -= size
        }
    }

    private static func sender(_ address: EmailAddress?) throws(TransportError) -> String {
        // Postfix, Exim, msmtp, Sendmail and nullmailer take the null reverse path like this.
        guard let address else { return "<>" }
        guard let argument = argument(address), !argument.hasPrefix("-") else {
            throw TransportError(
                .unsupported,
                "The sender's address cannot be given to a program, which would read it as an option or as another "
                    + "address. Use one that has no quotation marks and does not begin with a hyphen.",
                isTransient: false)
        }
        return argument
    }

    /// The address as programs read it; `nil` for one that they would read in different ways.
    ///
    /// A quoted local part is such a one: programs parse their arguments as header addresses, and msmtp makes `@c.d`
    /// of `"a,b"@c.d`. Beyond ASCII, a local part goes as UTF-8: Postfix and msmtp pass it on, and what comes of it is
    /// up to the next server's SMTPUTF8 (RFC 6531). A domain never is: it goes as A-labels (RFC 5891).
    private static func argument(_ address: EmailAddress) -> String? {
        guard !address.localPart.hasPrefix("\"") else { return nil }
        let argument = "\(address.localPart)@\(address.asciiDomain)"
        return argument.utf8.allSatisfy { $0 > 32 && $0 != 127 } ? argument : nil
    }
}

public import Mailroom

/// An adapter that hands mail to a program with sendmail's command line: Postfix's, Exim's, msmtp …
///
/// ```swift
/// let pipeline = try PipelineBuilder().broker(.file("queue")).transport(.sendmail()).build()
/// ```
///
/// It starts `sendmail -i -f <reverse path> … -- <recipient>` for each recipient and writes the message to its
/// standard input, with LF line ends as every such program takes them. The envelope alone says who gets the mail:
/// there is never a `-t`. What the exit status means stands in ``deliver(_:)``.
public final class SendmailTransport: Transport, RouteOwning {
    /// What it was made with.
    public let configuration: SendmailConfiguration
    let places: Places

    /// A transport; starts the program when there is something to deliver.
    public init(_ configuration: SendmailConfiguration = SendmailConfiguration()) {
        self.configuration = configuration
        places = Places(configuration.maximumProcesses)
    }

    /// Whether a delivery went to this program.
    public func owns(_ route: String) -> Bool? { route == configuration.route }

    /// Finds a path that is not absolute, arguments that would change who gets the mail, and limits that leave it no
    /// time. Whether the program is there is for ``checkConnection(until:)`` to say.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        configuration.problems(in: context.limits)
    }

    /// Delivers a mail; see ``/Mailroom/Transport/deliver(_:)``.
    ///
    /// An exit status of 0 means accepted; 65, 67 and 68 of sysexits.h mean refused for good. Every other one below 128
    /// means that the program has not taken the mail but may later: that a deployment's mistake (64, 77, 78, a program
    /// that cannot be started) is among these keeps it from ending jobs. From 128 on it is how shells report a program
    /// that was killed. Nobody accepted and nobody refused for good is a thrown error.
    ///
    /// When the time is up or the task is cancelled, the program and its process group are ended, first gently. One
    /// that had not read the whole message by then has sent none of it, because it never saw the input's end. One that
    /// had read it and did not exit by itself leaves its recipients in doubt. (Elsewhere than on Linux nobody can see
    /// what was read: there a message counts as read once it is in the pipe.)
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let lines = try CommandLines(mail.envelope, configuration)
        let input = try MessageInput(mail.bytes)
        var outcomes = RunOutcomes(mail.envelope.recipients, route: configuration.route)
        for (index, reply) in lines.refused { outcomes.refuse(index, reply) }
        for line in lines.runs {
            let verdict = await run(line.arguments, input, until: mail.deadline)
            outcomes.note(verdict, for: line.recipients)
            if case .failed(_, endsDelivery: true) = verdict { break }
        }
        return try outcomes.report()
    }

    private func run(
        _ arguments: [String], _ input: MessageInput, until deadline: ContinuousClock.Instant
    ) async -> Verdict {
        do throws(TransportError) {
            try await places.take(until: deadline)
        } catch {
            return .failed(error, endsDelivery: true)
        }
        defer { places.giveBack() }
        let now = ContinuousClock.now
        // Ending a program takes a moment, and the mail's deadline is to be kept.
        let reserve = min(.milliseconds(500), now.duration(to: deadline) / 10)
        var end = deadline - reserve
        if let timeout = configuration.timeout { end = min(end, now + timeout) }
        let run: Run
        do throws(SystemError) {
            run = try Run(
                configuration.program, arguments, configuration.variables, input: input, until: end)
        } catch {
            return .failed(error.transportError, endsDelivery: true)
        }
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in run.start { continuation.resume(returning: $0) } }
        } onCancel: {
            run.cancel()
        }
        return Verdict(ending, program: configuration.program)
    }
}

extension Transport where Self == SendmailTransport {
    /// Hands mail to a program with sendmail's command line.
    ///
    /// - Parameters:
    ///   - program: its absolute path.
    ///   - adjust: changes what is not the default.
    public static func sendmail(
        _ program: String = "/usr/sbin/sendmail", _ adjust: (inout SendmailConfiguration) -> Void = { _ in }
    ) -> SendmailTransport {
        var configuration = SendmailConfiguration(program: program)
        adjust(&configuration)
        return SendmailTransport(configuration)
    }
}

import MailroomSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One run of the program: it is started, fed, listened to, ended if need be, and reaped, on threads of its own.
final class Run: Sendable {
    /// How long a program that has the whole message may go on after cancellation.
    private static let graceForAnswer = Duration.milliseconds(350)
    /// How long it may take to end after SIGTERM, and to vanish after SIGKILL.
    private static let graceForEnd = Duration.milliseconds(250)

    private let program: String
    private let arguments: [String]
    private let environment: [String]
    private let input: MessageInput
    private let end: ContinuousClock.Instant
    private let wake: Wake

    init(
        _ program: String, _ arguments: [String], _ environment: [String], input: MessageInput,
        until end: ContinuousClock.Instant
    ) throws(SystemError) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.end = end
        wake = try Wake()
    }

    /// Ends the program from any thread; the answer still comes, within a second.
    func cancel() { wake.note { $0.cancelled = .now } }

    /// Runs to the end on another thread and answers once.
    func start(_ answer: @escaping @Sendable (RunEnding) -> Void) {
        do throws(SocketError) {
            try startThread { self.run(answer) }
        } catch {
            answer(RunEnding(exit: .notStarted(SystemError(code: error.systemError, reason: error.description))))
        }
    }

    private func run(_ answer: (RunEnding) -> Void) {
        let child: Child
        do throws(SystemError) {
            child = try Child(program, arguments, environment, wake)
        } catch {
            return answer(RunEnding(exit: .notStarted(error)))
        }
        let conversation = Conversation(child, input)
        conversation.hold(by: step)
        answer(conversation.ending)
        child.letGo(hadAll: conversation.hadAll)
    }

    /// What is to be done to the child now, and when to look again.
    private func step(hadAll: Bool) -> (Conversation.Step, next: ContinuousClock.Instant) {
        var stop = end
        var reason = RunEnding.Stop.timedOut
        if let cancelled = wake.events.cancelled {
            let due = hadAll ? cancelled + Self.graceForAnswer : cancelled
            if due < stop { (stop, reason) = (due, .cancelled) }
        }
        let (kill, abandon) = (stop + Self.graceForEnd, stop + Self.graceForEnd * 2)
        let now = ContinuousClock.now
        if now < stop { return (.goOn, stop) }
        if now < kill { return (.end(SIGTERM, reason), kill) }
        if now < abandon { return (.end(SIGKILL, reason), abandon) }
        return (.abandon(reason), abandon)
    }
}

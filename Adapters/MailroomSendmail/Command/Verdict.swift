import Mailroom

/// How a run of the program ended.
struct RunEnding: Sendable, Equatable {
    enum Exit: Sendable, Equatable {
        case status(Int32)
        case signal(Int32)
        /// It could not be started.
        case notStarted(SystemError)
        /// It does not end, or another part of this process took its exit status.
        case unseen
    }

    enum Stop: Sendable { case timedOut, cancelled }

    var exit: Exit
    /// Whether it read the whole message and was given the input's end: before that, no program can have taken the mail.
    var hadAll = false
    /// Why it was ended, if it was.
    var stop: Stop?
    /// The beginning of what it wrote to standard output and standard error.
    var output = ""
}

/// What a run means for its recipients. Pure.
enum Verdict: Sendable, Equatable {
    case reported(RecipientOutcome.Status, Reply?)
    /// None of them was accepted and none is in doubt. With some failures there is no point in another run.
    case failed(TransportError, endsDelivery: Bool)

    init(_ ending: RunEnding, program: String) {
        switch ending.exit {
        case .notStarted(let error): self = .failed(error.transportError, endsDelivery: true)
        case .status(0) where ending.hadAll: self = .reported(.accepted, Self.reply(nil, ending.output))
        case .status(0) where ending.stop == nil:
            self = .reported(
                .unknown,
                Reply(code: 0, text: "\(program) reported success but did not read the whole message. Look into it."))
        case .status(let status) where status != 0:
            // A shell reports a program that was killed as 128 and the signal's number.
            let isAnswer = ending.stop == nil ? status < 128 : SystemExit(rawValue: status) != nil
            self = isAnswer ? Self.verdict(on: status, ending, program) : Self.broken(ending, program)
        case .signal, .unseen, .status: self = Self.broken(ending, program)
        }
    }

    /// It ended without an answer.
    private static func broken(_ ending: RunEnding, _ program: String) -> Verdict {
        var event: String
        switch (ending.stop, ending.exit) {
        case (.timedOut, _): event = "\(program) was stopped because its time was up"
        case (.cancelled, _): event = "\(program) was stopped because the delivery was cancelled"
        case (nil, .signal(let number)): event = "\(program) was killed by signal \(number)"
        case (nil, .status(let status)): event = "\(program) ended with status \(status), as if killed"
        default: event = "\(program) ended, and another part of this process took its exit status"
        }
        // A program that could not be stopped may yet take what it has.
        let isUnseen = ending.exit == .unseen
        guard !ending.hadAll, !isUnseen else {
            return .reported(.unknown, reply(nil, "\(event) after it had the whole message", ending.output))
        }
        event += " before it had the whole message"
        let code: TransportError.Code =
            switch ending.stop {
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case nil: .connectionLost
            }
        let said = ending.output.isEmpty ? nil : Reply(code: 0, text: ending.output)
        return .failed(TransportError(code, "\(event).", reply: said), endsDelivery: ending.stop != nil)
    }

    private static func verdict(on status: Int32, _ ending: RunEnding, _ program: String) -> Verdict {
        let known = SystemExit(rawValue: status)
        let words = "exit status \(status)\(known.map { " (\($0.name))" } ?? "")"
        if let known, known.isRefusal {
            return .reported(.refused, reply(known.enhancedStatus, words, ending.output))
        }
        let advice = known?.advice ?? "see what it wrote, and its log"
        let error = TransportError(
            known == .noPermission ? .authenticationFailed : .refused,
            "\(program) did not take the mail: \(advice)", reply: reply(known?.enhancedStatus, words, ending.output))
        return .failed(error, endsDelivery: known?.isMistake ?? false)
    }

    private static func reply(_ enhancedStatus: String?, _ words: String...) -> Reply? {
        let text = words.filter { !$0.isEmpty }.joined(separator: "\n")
        return text.isEmpty ? nil : Reply(code: 0, enhancedStatus: enhancedStatus, text: text)
    }
}

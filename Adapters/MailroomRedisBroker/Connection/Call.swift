import Mailroom
import MailroomSockets
import Synchronization

/// Something asked of the server, from its entry into the line to its answer.
final class Call: Sendable {
    typealias Answer = Result<RESPValue, BrokerError>

    private struct State {
        var continuation: UnsafeContinuation<Answer, Never>?
        var answer: Answer?
        var isAnswered = false
        var mayHaveLeft = false
        var isWhole = false
        var losses = 0
        var pauses = 0
    }

    private let script: Script?
    /// A whole command, or the arguments that follow a script's name.
    private let bytes: [UInt8]
    private let count: Int
    /// The arguments that it is made with again where an answer was lost, if they are others.
    private let repetition: RESPWriter?
    /// Whether it may run twice: what it did the first time is there, and is found.
    private let isRepeatable: Bool
    let deadline: ContinuousClock.Instant
    /// Takes an answer that nobody waits for any more.
    private let late: (@Sendable (Answer) -> Void)?
    private let state = Mutex(State())

    init(
        script: Script?, arguments: RESPWriter, repetition: RESPWriter? = nil, isRepeatable: Bool = true,
        deadline: ContinuousClock.Instant, late: (@Sendable (Answer) -> Void)? = nil
    ) {
        self.script = script
        bytes = arguments.bytes
        count = arguments.count
        self.repetition = repetition
        self.isRepeatable = isRepeatable
        self.deadline = deadline
        self.late = late
    }

    /// Appends the command.
    func write(to output: inout [UInt8]) {
        let (isWhole, wasLost) = state.withLock { ($0.isWhole, $0.losses > 0) }
        RESPWriter.write(length: count + (script == nil ? 0 : 2), after: UInt8(ascii: "*"), to: &output)
        if let script { output.append(contentsOf: isWhole ? script.whole : script.hashed) }
        output.append(contentsOf: wasLost ? repetition?.bytes ?? bytes : bytes)
    }

    /// How many octets it takes, about.
    var size: Int { bytes.count + 128 }

    // MARK: The connection's side

    /// Whether an answer may still be made of an attempt of which octets left.
    var mayHaveLeft: Bool { state.withLock { $0.mayHaveLeft } }

    func left() { state.withLock { $0.mayHaveLeft = true } }

    /// The server refused it before it began: of this attempt nothing is in doubt.
    func wasRefused() {
        state.withLock { state in
            if state.losses == 0 { state.mayHaveLeft = false }
        }
    }

    /// Whether it may have run and must not run again.
    var isInDoubt: Bool { !isRepeatable && mayHaveLeft }

    /// It is made again with the script's source; false if it was already.
    func becomeWhole() -> Bool {
        state.withLock { state in
            defer { state.isWhole = true }
            return !state.isWhole
        }
    }

    /// A connection broke under it: whether it is made again on another.
    func mayBeRepeated() -> Bool {
        state.withLock { state in
            guard isRepeatable || !state.mayHaveLeft else { return false }
            state.losses += 1
            return state.losses < 3
        }
    }

    /// How long to wait before it is made again; `nil` once it was often enough.
    func nextPause() -> Duration? {
        state.withLock { state in
            guard state.pauses < 4 else { return nil }
            state.pauses += 1
            return .milliseconds(25 << state.pauses)
        }
    }

    func answer(_ answer: Answer) {
        let (continuation, isLate) = state.withLock { state in
            if state.isAnswered { return (nil as UnsafeContinuation<Answer, Never>?, true) }
            state.isAnswered = true
            let continuation = state.continuation.take()
            if continuation == nil { state.answer = answer }
            return (continuation, false)
        }
        continuation?.resume(returning: answer)
        if isLate { late?(answer) }
    }

    // MARK: The caller's side

    /// Whether an answer was lost, so that the call may have been made more than once.
    var wasRepeated: Bool { state.withLock { $0.losses > 0 } }

    /// Waits for the answer. `add` puts the call in line.
    func wait(_ add: (Call) -> Void) async -> Answer {
        await withUnsafeContinuation { continuation in
            let answer = state.withLock { state in
                if state.answer == nil { state.continuation = continuation }
                return state.answer
            }
            if let answer { return continuation.resume(returning: answer) }
            add(self)
        }
    }

    /// Stops waiting at once; what comes later goes to who takes it then.
    func abandon(_ error: BrokerError) {
        let continuation = state.withLock { state in
            guard !state.isAnswered else { return nil as UnsafeContinuation<Answer, Never>? }
            state.isAnswered = true
            let continuation = state.continuation.take()
            if continuation == nil { state.answer = .failure(error) }
            return continuation
        }
        continuation?.resume(returning: .failure(error))
    }
}

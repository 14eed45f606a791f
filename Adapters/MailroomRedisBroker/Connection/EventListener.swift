import Dispatch
import Foundation
import Mailroom
import MailroomSockets
import Synchronization

/// Waits for events on a connection of its own, for all that wait in this process. Without anyone, it asks for nothing.
final class EventListener: Sendable {
    private struct State {
        var waiting = 0
        var position = "0-0"
        var isParked = false
        var isStarted = false
        var isClosed = false
        var hasEnded = false
        var joiners: [UnsafeContinuation<Void, Never>] = []
    }

    /// Signalled when a job may have become ready.
    let jobs = Wakeup()
    /// Signalled at every event.
    let events = Wakeup()
    private let line: CallLine
    private let interruption = SocketInterruption()
    private let backoff = Backoff()
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    /// How long the server holds a question without an answer.
    private static let hold: Duration = .seconds(5)

    init(_ line: CallLine) { self.line = line }

    /// Somebody waits who has seen everything up to this place of the stream. To be read before: the generation of
    /// what is waited for.
    func join(from position: String) {
        let (mustRing, mustStart) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            // While others wait, its own place is older or was told since: nothing is missed.
            if state.waiting == 0 { state.position = position }
            state.waiting += 1
            defer {
                state.isParked = false
                state.isStarted = true
            }
            return (state.isParked, !state.isStarted)
        }
        if mustRing { bell.signal() }
        if mustStart {
            let hasStarted = (try? startThread { [self] in run() }) != nil
            if !hasStarted { end() }
        }
    }

    func leave() { state.withLock { $0.waiting -= 1 } }

    func close() {
        let mustRing = state.withLock { state in
            state.isClosed = true
            defer { state.isParked = false }
            return state.isParked
        }
        interruption.interrupt()
        if mustRing { bell.signal() }
        jobs.signal()
        events.signal()
    }

    /// Waits until the thread has ended.
    func join() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.isStarted, !state.hasEnded { state.joiners.append(continuation) }
                return !state.isStarted || state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    // MARK: The thread

    private enum Next {
        case ask(after: String)
        case park, end
    }

    private func run() {
        var link: RedisLink?
        loop: while true {
            let next = state.withLock { state -> Next in
                if state.isClosed { return .end }
                if state.waiting > 0 { return .ask(after: state.position) }
                state.isParked = true
                return .park
            }
            switch next {
            case .end: break loop
            case .park: bell.wait()
            case .ask(let position): link = ask(link, after: position)
            }
        }
        end()
    }

    private func end() {
        let joiners = state.withLock { state in
            state.hasEnded = true
            defer { state.joiners = [] }
            return state.joiners
        }
        for joiner in joiners { joiner.resume() }
    }

    /// Asks once; answers the connection to ask on next.
    private func ask(_ known: RedisLink?, after position: String) -> RedisLink? {
        let configuration = line.configuration
        var link = known
        if link == nil {
            let pause = backoff.pause
            if pause > .zero { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
            do throws(LinkFailure) {
                link = try RedisLink.open(
                    configuration, encryption: line.encryption, interruption: interruption,
                    until: .now + configuration.connectTimeout)
            } catch {
                backoff.failed()
                wakeAll()
                return nil
            }
        }
        guard let link else { return nil }
        var writer = RESPWriter()
        for word in ["XREAD", "COUNT", "100", "BLOCK", String(EventListener.hold.milliseconds), "STREAMS"] {
            writer.write(word)
        }
        writer.write(configuration.keyPrefix + "e")
        writer.write(position)
        let deadline = ContinuousClock.now + EventListener.hold + configuration.commandTimeout
        let reply = link.ask(writer.command(), until: deadline)
        switch reply {
        case .array(let streams):
            backoff.succeeded()
            note(streams.first?.array?.last?.array?.compactMap(EventEntry.init) ?? [], after: position)
        case .null: backoff.succeeded()
        default:
            // The connection broke, or the server refuses: whoever waits asks for itself and is told why.
            backoff.failed()
            wakeAll()
            return nil
        }
        return link
    }

    private func note(_ entries: [EventEntry], after position: String) {
        guard let last = entries.last else { return }
        state.withLock { state in
            // Whoever joined an empty line meanwhile has said where to go on.
            if state.position == position { state.position = last.id }
        }
        events.signal()
        if entries.contains(where: \.concernsWorkers) { jobs.signal() }
    }

    private func wakeAll() {
        events.signal()
        jobs.signal()
    }
}

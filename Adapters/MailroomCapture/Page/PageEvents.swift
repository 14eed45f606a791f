import Dispatch
import MailroomHTTP
import Synchronization

/// Tells the pages that are open that mails came or went: once for many, so that a burst of mails costs them little.
final class PageEvents: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: HTTPEventStream] = [:]
        var isDue = false
        var token: Int?
    }

    /// How long further changes are waited for.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    private let store: MessageStore
    private let queue = DispatchQueue(label: "mailroom.capture.page")
    private let state = Mutex(State())

    init(store: MessageStore) { self.store = store }

    deinit { if let token = state.withLock({ $0.token }) { store.stopListening(token) } }

    func add(_ stream: HTTPEventStream) {
        state.withLock { state in
            state.streams[ObjectIdentifier(stream)] = stream
            if state.token == nil { state.token = store.listen { [weak self] _ in self?.noteChange() } }
        }
        let key = ObjectIdentifier(stream)
        stream.onEnd { [weak self] in self?.state.withLock { $0.streams[key] = nil } }
    }

    private func noteChange() {
        let isFirst = state.withLock { state in
            if state.isDue || state.streams.isEmpty { return false }
            state.isDue = true
            return true
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.patience) { [weak self] in self?.tell() } }
    }

    private func tell() {
        let streams = state.withLock { state in
            state.isDue = false
            return Array(state.streams.values)
        }
        for stream in streams { stream.send(event: "change", lines: Array("list".utf8)) }
    }
}

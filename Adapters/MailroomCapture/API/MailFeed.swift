import Dispatch
import MailroomHTTP
import Synchronization

/// Tells the API's clients that listen of each mail, in the order of the mails: made into JSON once for all of them, on a
/// queue of its own, so that whoever sends the mail does not wait for it.
final class MailFeed: Sendable {
    private struct State: Sendable {
        var eventStreams: [ObjectIdentifier: HTTPEventStream] = [:]
        var webSockets: [ObjectIdentifier: HTTPWebSocketStream] = [:]
        var token: Int?
        /// Octets of memory that the mails have which wait to be told of.
        var waitingBytes = 0

        var isEmpty: Bool { eventStreams.isEmpty && webSockets.isEmpty }
    }

    /// If more waits, clients are given up rather than the memory filled.
    private static let maximumWaitingBytes = 256 << 20
    /// What a mail costs beside its octets, about.
    private static let mailCost = 1024

    private let store: MessageStore
    private let hostname: String
    private let budget: Int
    private let queue = DispatchQueue(label: "mailroom.capture.feed")
    private let state = Mutex(State())

    /// A mail's JSON has `budget` octets at most.
    init(store: MessageStore, hostname: String, budget: Int) {
        self.store = store
        self.hostname = hostname
        self.budget = budget
    }

    deinit { if let token = state.withLock({ $0.token }) { store.stopListening(token) } }

    func add(_ stream: HTTPEventStream) {
        let key = ObjectIdentifier(stream)
        add { $0.eventStreams[key] = stream }
        stream.onEnd { [weak self] in self?.remove { $0.eventStreams[key] = nil } }
    }

    func add(_ stream: HTTPWebSocketStream) {
        let key = ObjectIdentifier(stream)
        add { $0.webSockets[key] = stream }
        stream.onEnd { [weak self] in self?.remove { $0.webSockets[key] = nil } }
    }

    private func add(_ insert: (inout State) -> Void) {
        state.withLock { state in
            insert(&state)
            if state.token == nil {
                state.token = store.listen { [weak self] change in
                    if case .added(let message) = change { self?.note(message) }
                }
            }
        }
    }

    /// Nothing is listened to without listeners.
    private func remove(_ take: (inout State) -> Void) {
        let token = state.withLock { state -> Int? in
            take(&state)
            guard state.isEmpty else { return nil }
            defer { state.token = nil }
            return state.token
        }
        if let token { store.stopListening(token) }
    }

    /// Called by whoever adds a mail: those who listen now hear of it, and nobody who comes later.
    private func note(_ message: CapturedMessage) {
        let cost = message.content.memoryCount + Self.mailCost
        let listeners = state.withLock { state -> State? in
            if state.isEmpty { return nil }
            state.waitingBytes += cost
            return state
        }
        guard let listeners else { return }
        guard listeners.waitingBytes <= Self.maximumWaitingBytes else {
            state.withLock { $0.waitingBytes -= cost }
            for stream in listeners.eventStreams.values { stream.giveUp() }
            for stream in listeners.webSockets.values { stream.giveUp() }
            return
        }
        queue.async { [self] in
            tell(listeners, of: message)
            state.withLock { $0.waitingBytes -= cost }
        }
    }

    private func tell(_ listeners: State, of message: CapturedMessage) {
        // Those that left meanwhile, or were too slow, need no JSON.
        let present = state.withLock { state in
            (
                listeners.eventStreams.filter { state.eventStreams[$0.key] != nil }.map(\.value),
                listeners.webSockets.filter { state.webSockets[$0.key] != nil }.map(\.value)
            )
        }
        if present.0.isEmpty, present.1.isEmpty { return }
        let json = MailHogList.json(of: message, hostname: hostname, budget: budget)
        if !present.0.isEmpty {
            let event = HTTPEvent(lines: JSONWriter.indented(json))
            for stream in present.0 { stream.send(event) }
        }
        if !present.1.isEmpty {
            let text = json + [10]
            for stream in present.1 { stream.send(text: text) }
        }
    }
}

import Dispatch
import MailroomHTTP
import Synchronization

/// Tells the pages that are open when something has changed. Looks only while one is.
final class ChangeFeed: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: HTTPEventStream] = [:]
        var isLooking = false
    }

    private static let interval = DispatchTimeInterval.milliseconds(200)

    private let hasChanged: @Sendable () -> Bool
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// `hasChanged` is asked on `queue`, several times a second.
    init(on queue: DispatchQueue, hasChanged: @escaping @Sendable () -> Bool) {
        (self.queue, self.hasChanged) = (queue, hasChanged)
    }

    func add(_ stream: HTTPEventStream) {
        let key = ObjectIdentifier(stream)
        let begins = state.withLock { state in
            state.streams[key] = stream
            defer { state.isLooking = true }
            return !state.isLooking
        }
        stream.onEnd { [weak self] in self?.state.withLock { $0.streams[key] = nil } }
        if begins { look() }
    }

    /// Tells every page to ask anew.
    func tell() {
        for stream in state.withLock({ Array($0.streams.values) }) {
            stream.send(event: "change", lines: Array("files".utf8))
        }
    }

    private func look() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
            guard let self, isWanted() else { return }
            if hasChanged() { tell() }
            look()
        }
    }

    private func isWanted() -> Bool {
        state.withLock { state in
            state.isLooking = !state.streams.isEmpty
            return state.isLooking
        }
    }
}

import Dispatch
import Synchronization

/// Reads mails in the background after they arrived, so that the first list or search need not.
final class Indexing: Sendable {
    private let queue = DispatchQueue(label: "mailroom.capture.index", qos: .utility)
    private let waiting = Mutex<[MessageStore.Entry]>([])

    func add(_ entry: MessageStore.Entry) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(entry)
            return waiting.count == 1
        }
        if isFirst { queue.async { self.run() } }
    }

    private func run() {
        let entries = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for entry in entries { _ = entry.digest }
    }
}

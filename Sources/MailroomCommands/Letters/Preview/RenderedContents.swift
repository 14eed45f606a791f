import Mailroom
import Synchronization

/// What letters were rendered to, under the digests of their octets: what has not changed keeps its address.
final class RenderedContents: Sendable {
    struct Content: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    private struct State {
        var contents: [String: Content] = [:]
        /// The oldest first.
        var order: [String] = []
        var size = 0
    }

    /// The oldest go when there are more, or when they take more octets; the two newest stay.
    private static let maximumCount = 32
    private static let maximumSize = 64 << 20

    private let state = Mutex(State())

    /// Keeps a content, and answers the name to ask for it by.
    func keep(_ bytes: [UInt8], type: String) -> String {
        let name = String(SHA256Digest(of: bytes).description.prefix(24))
        state.withLock { state in
            if state.contents.updateValue(Content(type: type, bytes: bytes), forKey: name) == nil {
                state.size += bytes.count
            } else {
                state.order.removeAll { $0 == name }
            }
            state.order.append(name)
            while state.order.count > Self.maximumCount || state.size > Self.maximumSize && state.order.count > 2 {
                let oldest = state.order.removeFirst()
                state.size -= state.contents.removeValue(forKey: oldest)?.bytes.count ?? 0
            }
        }
        return name
    }

    subscript(name: String) -> Content? { state.withLock { $0.contents[name] } }
}

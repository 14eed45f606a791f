import Mailroom
import Synchronization

/// Attachments that this process stored or read lately: letters to many carry the same.
final class AttachmentCache: Sendable {
    private struct State {
        var stored: Set<SHA256Digest> = []
        var read: [SHA256Digest: [UInt8]] = [:]
        var size = 0
    }

    private let state = Mutex(State())
    /// How many octets are kept.
    private static let limit = 32 << 20
    private static let storedLimit = 1024

    /// Whether the server had it when it was last asked.
    func isStored(_ digest: SHA256Digest) -> Bool { state.withLock { $0.stored.contains(digest) } }

    func wereStored(_ digests: some Collection<SHA256Digest>) {
        guard !digests.isEmpty else { return }
        state.withLock { state in
            if state.stored.count > AttachmentCache.storedLimit { state.stored = [] }
            state.stored.formUnion(digests)
        }
    }

    func forget() { state.withLock { $0.stored = [] } }

    func bytes(_ digest: SHA256Digest) -> [UInt8]? { state.withLock { $0.read[digest] } }

    func keep(_ bytes: [UInt8], _ digest: SHA256Digest) {
        guard bytes.count <= AttachmentCache.limit / 4 else { return }
        state.withLock { state in
            if state.size + bytes.count > AttachmentCache.limit { (state.read, state.size) = ([:], 0) }
            if state.read.updateValue(bytes, forKey: digest) == nil { state.size += bytes.count }
        }
    }
}

/// When this process last told the server of each of its workers: once a second is enough.
final class SeenWorkers: Sendable {
    private let told = Mutex<[String: (time: ContinuousClock.Instant, queues: [QueueName])]>([:])

    /// Whether the server is to be told with this call.
    func mustTell(_ request: LeaseRequest) -> Bool {
        told.withLock { told in
            if let last = told[request.worker], last.queues == request.queues, last.time + .seconds(1) > .now {
                return false
            }
            if told.count > 1000 { told = [:] }
            told[request.worker] = (.now, request.queues)
            return true
        }
    }
}

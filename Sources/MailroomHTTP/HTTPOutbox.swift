import MailroomSockets
import Synchronization

/// What other threads send to one client, until there is room for it.
///
/// Arrays are kept as they are, so that many clients that wait for the same octets share them; only what is about to
/// leave is copied.
final class HTTPOutbox: Sendable {
    fileprivate struct State {
        var pieces: [[UInt8]] = []
        /// The piece that is next, and how much of it has gone.
        var first = 0
        var offset = 0
        /// Octets that wait.
        var count = 0
        /// The sizes of the frames that the pieces belong to.
        var frames: [Int] = []
        var firstFrame = 0
        var frameOffset = 0
        var isClosed = false
        var isGivenUp = false
        var hasWoken = false
    }

    /// Beyond so many octets that wait, the next ones are too many.
    private let limit: Int
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    init(limit: Int, wake: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.wake = wake
    }

    /// How many octets wait.
    var count: Int { state.withLock { $0.count } }
    var isEmpty: Bool { count == 0 }
    /// Whether the client was too slow, or given up for another reason: its connection is to be broken off.
    var isGivenUp: Bool { state.withLock { $0.isGivenUp } }
    /// Whether what leaves next begins a frame.
    var isBetweenFrames: Bool { state.withLock { $0.frameOffset == 0 } }

    /// Adds a frame of several pieces. A client for which more than the limit waits already is given up instead.
    func post(_ pieces: [[UInt8]]) {
        let wakes = state.withLock { state in
            if state.isClosed { return false }
            if state.count > limit { return state.giveUp() }
            var size = 0
            for piece in pieces where !piece.isEmpty {
                state.pieces.append(piece)
                size += piece.count
            }
            if size == 0 { return false }
            state.frames.append(size)
            state.count += size
            return state.wakesOnce()
        }
        if wakes { wake() }
    }

    /// Drops what waits and takes no more; the connection is to be broken off.
    func giveUp() {
        if state.withLock({ $0.isClosed ? false : $0.giveUp() }) { wake() }
    }

    /// Drops what waits and takes no more.
    func close() { state.withLock { $0.close() } }

    /// Moves what there is room for, or everything, and asks to be called again where something is left.
    func drain(into output: inout ConnectionOutput, everything: Bool = false) {
        state.withLock { $0.hasWoken = false }
        while true {
            let room = everything ? Int.max : ConnectionOutput.roomWanted - output.count
            guard room > 0 else {
                if !isEmpty { output.waitForRoom() }
                return
            }
            guard let piece = state.withLock({ $0.take(room) }) else { return }
            piece.withUnsafeBytes { output.write($0) }
        }
    }
}

extension HTTPOutbox.State {
    fileprivate mutating func wakesOnce() -> Bool {
        defer { hasWoken = true }
        return !hasWoken
    }

    fileprivate mutating func close() {
        isClosed = true
        (pieces, first, offset, count) = ([], 0, 0, 0)
        (frames, firstFrame) = ([], 0)
    }

    fileprivate mutating func giveUp() -> Bool {
        close()
        isGivenUp = true
        return wakesOnce()
    }

    fileprivate mutating func take(_ room: Int) -> ArraySlice<UInt8>? {
        guard first < pieces.count else { return nil }
        let piece = pieces[first]
        let slice = piece[offset...].prefix(room)
        count -= slice.count
        offset += slice.count
        if offset == piece.count {
            pieces[first] = []
            (first, offset) = (first + 1, 0)
        }
        // A piece never goes beyond its frame.
        frameOffset += slice.count
        if frameOffset == frames[firstFrame] { (firstFrame, frameOffset) = (firstFrame + 1, 0) }
        if first == pieces.count {
            pieces.removeAll(keepingCapacity: pieces.count <= 64)
            frames.removeAll(keepingCapacity: frames.count <= 64)
            (first, firstFrame) = (0, 0)
        } else if first > 1024 {
            pieces.removeFirst(first)
            frames.removeFirst(firstFrame)
            (first, firstFrame) = (0, 0)
        }
        return slice
    }
}

extension ConnectionOutput {
    /// So many octets may wait before ``isFull``.
    fileprivate static let roomWanted = 256 * 1024
}

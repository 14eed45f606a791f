import Mailroom

/// How often a queue is opened anew because what was to be read was dropped, or is gone. While other processes replace the
/// checkpoint and drop segments, the next attempt begins elsewhere; where nothing moves, a segment is missing.
struct OpeningAttempts {
    private var count = 0
    private var idle = 0
    private var checkpoint: Position?
    private var first: UInt32?
    private static let limit = 64
    private static let idleLimit = 4

    /// Whether the queue may be opened once more after this error.
    mutating func allowAnother(after error: BrokerError, in folder: FolderLayout) -> Bool {
        guard error.code == .segmentIsGone || error.code == .recordIsGone else { return false }
        let checkpoint = Checkpoint.latestPosition(in: folder)
        let first = try? folder.segments().numbers.first
        idle = checkpoint == self.checkpoint && first == self.first ? idle + 1 : 1
        (self.checkpoint, self.first) = (checkpoint, first)
        count += 1
        return count < OpeningAttempts.limit && idle < OpeningAttempts.idleLimit
    }
}

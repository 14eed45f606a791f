import MailroomFiles
import Synchronization

/// Up to where the log is known to be on the disk, by this process and, as far as it told them, by the others.
final class SyncedPlace: Sendable {
    private struct State {
        let watermark: Watermark
        var synced = Position(segment: 0, offset: 0)
        var announced = Position(segment: 0, offset: 0)
    }

    private let state: Mutex<State>

    init(_ watermark: sending Watermark) { state = Mutex(State(watermark: watermark)) }

    /// As this process knows it.
    var synced: Position { state.withLock { $0.synced } }

    func advance(to position: Position) {
        state.withLock { if $0.synced < position { $0.synced = position } }
    }

    /// Tells the other processes, and wakes those that wait. What cannot be told now is told with the next sync.
    func announce() {
        state.withLock { state in
            guard state.announced < state.synced else { return }
            do throws(FileError) {
                try state.watermark.write(state.synced)
                state.announced = state.synced
            } catch {}
        }
    }

    /// What every process has said.
    func shared() throws(FileError) -> Position {
        try state.withLock { (state) throws(FileError) in try state.watermark.read() }
    }
}

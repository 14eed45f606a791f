import Foundation
import Mailroom
import MailroomFiles
import Synchronization

/// A group that is written and has to come to the disk.
///
/// Goes from one thread to another: a file may be synced by any thread, and of the rest the commit thread keeps nothing.
struct PendingSync: @unchecked Sendable {
    let file: File
    let end: Position
    let place: SyncedPlace
    var completions: [Operation.Completion] = []
}

/// The thread that brings groups to the disk and answers them, so that the next group is made meanwhile. All groups that
/// wait for it at one moment share one sync.
final class SyncThread: Sendable {
    private struct State {
        var pending: [PendingSync] = []
        /// Calls whose groups are on their way to the disk.
        var calls = 0
        var isBusy = false
        var isStarted = false
        var isClosed = false
        /// Why the last sync failed. Everything fails until the commit thread has seen it and opens the files anew.
        var failure: BrokerError?
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let idle = DispatchSemaphore(value: 0)

    /// Whether a group is on its way to the disk.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// How many calls wait for the disk.
    var calls: Int { state.withLock { $0.calls } }

    /// Whether everything is on the disk that was to come there: then the end of the log needs no repair.
    var isAtRest: Bool { state.withLock { !$0.isBusy && $0.failure == nil } }

    func add(_ group: PendingSync) {
        let mustStart = state.withLock { state in
            state.pending.append(group)
            state.calls += group.completions.count
            state.isBusy = true
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if mustStart {
            let thread = Thread { self.run() }
            thread.name = "mailroom sync"
            thread.start()
        }
        work.signal()
    }

    /// The failure since the last time, if there was one. Groups that are added from now on are tried.
    func takeFailure() -> BrokerError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    /// Ends the thread once everything is answered; returns when it has ended.
    func close() {
        let isStarted = state.withLock { state in
            state.isClosed = true
            return state.isStarted
        }
        guard isStarted else { return }
        work.signal()
        idle.wait()
    }

    private func run() {
        while true {
            work.wait()
            let (groups, failure, isClosed) = state.withLock { state in
                let groups = state.pending
                state.pending = []
                return (groups, state.failure, state.isClosed)
            }
            if !groups.isEmpty { finish(groups, failure) }
            if isClosed, groups.isEmpty { break }
            if isClosed { work.signal() }
        }
        idle.signal()
    }

    private func finish(_ groups: [PendingSync], _ earlier: BrokerError?) {
        var failure = earlier
        var synced: File?
        for group in groups where failure == nil && group.file !== synced {
            do throws(FileError) {
                try group.file.sync()
                synced = group.file
            } catch {
                failure = error.brokerError(mayHaveStored: true)
                state.withLock { $0.failure = failure }
            }
        }
        if failure == nil {
            for group in groups { group.place.advance(to: group.end) }
            groups.last?.place.announce()
        }
        for group in groups {
            state.withLock { $0.calls -= group.completions.count }
            for completion in group.completions { completion(failure) }
        }
        state.withLock { state in if state.pending.isEmpty { state.isBusy = false } }
    }
}

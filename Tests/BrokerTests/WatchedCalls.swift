import Foundation
import MailroomFiles
import Synchronization
import TestSupport

/// The calls of a simulated process, with a look at those that bring a log to the disk.
final class WatchedCalls: SystemCalls {
    enum Event {
        /// Bytes were written to a segment.
        case wrote([UInt8])
        case syncBegan
        case syncEnded
        /// A test's own mark.
        case answered(Int)
    }

    private struct State {
        var paths: [Int32: String] = [:]
        var events: [Event] = []
        /// Whether the queue's lock is held.
        var isLocked = false
    }

    private let process: SimulatedProcess
    private let state = Mutex(State())
    private let duringSync: @Sendable () -> Void
    private let beforeReading: @Sendable () -> Void

    /// `duringSync` is done between the beginning of each sync of a segment and its end, `beforeReading` before each call
    /// that tells something of the folder, unless the process holds the queue's lock.
    init(
        _ process: SimulatedProcess, duringSync: @escaping @Sendable () -> Void = {},
        beforeReading: @escaping @Sendable () -> Void = {}
    ) {
        self.process = process
        self.duringSync = duringSync
        self.beforeReading = beforeReading
    }

    /// In their order. A write is there once it is done, a sync from before it is begun.
    var events: [Event] { state.withLock { $0.events } }

    func note(_ event: Event) { state.withLock { $0.events.append(event) } }

    private func isSegment(_ descriptor: Int32) -> Bool {
        state.withLock { $0.paths[descriptor]?.hasSuffix(".log") ?? false }
    }

    private func lookUp<Answer>(_ call: () -> Answer) -> Answer {
        if !state.withLock({ $0.isLocked }) { beforeReading() }
        return call()
    }

    func lock(_ descriptor: Int32, _ operation: LockOperation) -> Int {
        let isQueue = state.withLock { $0.paths[descriptor]?.hasSuffix("/lock") ?? false }
        // Whoever looks on must know before the lock is given back.
        if isQueue, case .release = operation { state.withLock { $0.isLocked = false } }
        let answer = process.lock(descriptor, operation)
        if isQueue, answer >= 0, case .take = operation { state.withLock { $0.isLocked = true } }
        return answer
    }

    func open(_ path: String, _ flags: Int32, mode: UInt16) -> Int { lookUp { opened(path, flags, mode: mode) } }

    private func opened(_ path: String, _ flags: Int32, mode: UInt16) -> Int {
        let descriptor = process.open(path, flags, mode: mode)
        if descriptor >= 0 { state.withLock { $0.paths[Int32(descriptor)] = path } }
        return descriptor
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        let answer = process.write(descriptor, bytes, at: offset)
        if answer > 0, isSegment(descriptor) { note(.wrote(Array(bytes[..<answer]))) }
        return answer
    }

    func sync(_ descriptor: Int32) -> Int {
        guard isSegment(descriptor) else { return process.sync(descriptor) }
        note(.syncBegan)
        let answer = process.sync(descriptor)
        duringSync()
        note(.syncEnded)
        return answer
    }

    // MARK: Passed on as they are

    func close(_ descriptor: Int32) -> Int { process.close(descriptor) }
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        lookUp { process.read(descriptor, into: buffer, at: offset) }
    }
    func size(_ descriptor: Int32) -> Int { lookUp { process.size(descriptor) } }
    func truncate(_ descriptor: Int32, to size: Int) -> Int { process.truncate(descriptor, to: size) }
    func allocate(_ descriptor: Int32, from offset: Int, count: Int) -> Int {
        process.allocate(descriptor, from: offset, count: count)
    }
    func map(_ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer) -> Int {
        lookUp { process.map(descriptor, count: count, at: address) }
    }
    func makeFolder(_ path: String, mode: UInt16) -> Int { process.makeFolder(path, mode: mode) }
    func remove(_ path: String) -> Int { process.remove(path) }
    func rename(_ path: String, to other: String) -> Int { process.rename(path, to: other) }
    func link(_ path: String, as other: String) -> Int { process.link(path, as: other) }
    func access(_ path: String, _ mode: Int32) -> Int { lookUp { process.access(path, mode) } }
    func isFolder(_ path: String) -> Int { process.isFolder(path) }
    func modified(_ path: String) -> Int { process.modified(path) }
    func names(in path: String, _ visit: (String) -> Void) -> Int {
        lookUp { process.names(in: path, visit) }
    }
}

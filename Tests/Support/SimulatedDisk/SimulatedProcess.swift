import Dispatch
package import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process that uses a ``SimulatedDisk``: the system calls of whatever is opened with it.
///
/// Once it is dead, by ``kill()``, by a fault or by a loss of power, its files are closed and every call fails with
/// `EIO`, those that wait for a lock included: its threads run on to their ends and change nothing any more.
package final class SimulatedProcess: SystemCalls {
    /// The first process of the disk is 0.
    package let number: Int
    private let system: SimulatedDisk.State

    init(_ number: Int, _ system: SimulatedDisk.State) {
        self.number = number
        self.system = system
    }

    /// Ends it as SIGKILL does: nothing of it runs any more, its files are closed, its locks are free.
    package func kill() {
        system.locked.withLock { system in if system.processes[number].isAlive { system.kill(number) } }
    }

    package var isAlive: Bool { system.locked.withLock { $0.processes[number].isAlive } }

    // MARK: Calls on open files

    package func open(_ path: String, _ flags: Int32, mode: UInt16) -> Int {
        call(.open, path) { [number] (system, _) throws(SimulatedFailure) in
            try system.open(path, flags, mode: mode, by: number)
        }
    }

    package func close(_ descriptor: Int32) -> Int {
        call(.close, of: descriptor) { [number] (system, _) throws(SimulatedFailure) in
            try system.close(descriptor, by: number)
        }
    }

    package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        // The caller waits, so the bytes are there; no other thread has them.
        nonisolated(unsafe) let buffer = buffer
        return call(.read, of: descriptor, offset, buffer.count) { [number] (system, count) throws(SimulatedFailure) in
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            return try system.read(descriptor, into: part, at: offset, by: number)
        }
    }

    package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        nonisolated(unsafe) let bytes = bytes
        return call(.write, of: descriptor, offset, bytes.count) { [number] (system, count) throws(SimulatedFailure) in
            try system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset, by: number)
        }
    }

    package func size(_ descriptor: Int32) -> Int {
        call(.size, of: descriptor) { [number] (system, _) throws(SimulatedFailure) in
            try system.size(descriptor, by: number)
        }
    }

    package func truncate(_ descriptor: Int32, to size: Int) -> Int {
        call(.truncate, of: descriptor, size) { [number] (system, _) throws(SimulatedFailure) in
            try system.truncate(descriptor, to: size, by: number)
        }
    }

    package func allocate(_ descriptor: Int32, from offset: Int, count: Int) -> Int {
        call(.allocate, of: descriptor, offset, count) { [number] (system, _) throws(SimulatedFailure) in
            try system.allocate(descriptor, from: offset, count: count, by: number)
        }
    }

    package func sync(_ descriptor: Int32) -> Int {
        call(.sync, of: descriptor) { [number] (system, _) throws(SimulatedFailure) in
            try system.sync(descriptor, by: number)
        }
    }

    package func map(_ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer) -> Int {
        nonisolated(unsafe) let address = address
        return call(.map, of: descriptor, 0, count) { [number] (system, _) throws(SimulatedFailure) in
            try system.map(descriptor, count: count, at: address, by: number)
        }
    }

    package func lock(_ descriptor: Int32, _ operation: LockOperation) -> Int {
        // A lock that is given back makes no call that could fail, so it is not counted either.
        let bell = operation == .take ? DispatchSemaphore(value: 0) : nil
        let effect: SimulatedSystem.Effect = { [number] (system, _) throws(SimulatedFailure) in
            try system.lock(descriptor, operation, bell, by: number)
        }
        var answer = operation == .release ? unrecorded(effect) : call(.lock, of: descriptor, effect: effect)
        while answer == SimulatedSystem.hasToWait {
            bell?.wait()
            answer = unrecorded(effect)
        }
        return answer
    }

    // MARK: Calls on names

    package func makeFolder(_ path: String, mode: UInt16) -> Int {
        call(.makeFolder, path) { (system, _) throws(SimulatedFailure) in try system.makeFolder(path, mode: mode) }
    }

    package func remove(_ path: String) -> Int {
        call(.remove, path) { (system, _) throws(SimulatedFailure) in try system.remove(path) }
    }

    package func rename(_ path: String, to other: String) -> Int {
        call(.rename, path, other) { (system, _) throws(SimulatedFailure) in try system.rename(path, to: other) }
    }

    package func link(_ path: String, as other: String) -> Int {
        call(.link, path, other) { (system, _) throws(SimulatedFailure) in try system.link(path, as: other) }
    }

    package func access(_ path: String, _ mode: Int32) -> Int {
        call(.access, path) { (system, _) throws(SimulatedFailure) in try system.access(path, mode) }
    }

    package func isFolder(_ path: String) -> Int {
        call(.isFolder, path) { (system, _) throws(SimulatedFailure) in try system.isFolder(path) }
    }

    package func modified(_ path: String) -> Int {
        call(.modified, path) { (system, _) throws(SimulatedFailure) in try system.modified(path) }
    }

    package func names(in path: String, _ visit: (String) -> Void) -> Int {
        let names = Mutex<[String]>([])
        let answer = withExtendedLifetime(names) {
            call(.names, path) { (system, _) throws(SimulatedFailure) in
                let found = try system.names(in: path)
                names.withLock { $0 = found }
                return 0
            }
        }
        if answer >= 0 { names.withLock { $0 }.forEach(visit) }
        return answer
    }

    // MARK: The way they all take

    private func call(
        _ kind: RecordedCall.Kind, _ path: String, _ other: String? = nil, effect: SimulatedSystem.Effect
    ) -> Int {
        system.locked.withLock { system in
            guard system.processes[number].isAlive else { return -Int(EIO) }
            return system.perform(RecordedCall(system.calls.count, number, kind, path, other), effect: effect)
        }
    }

    private func call(
        _ kind: RecordedCall.Kind, of descriptor: Int32, _ offset: Int = 0, _ count: Int = 0,
        effect: SimulatedSystem.Effect
    ) -> Int {
        system.locked.withLock { system in
            guard system.processes[number].isAlive else { return -Int(EIO) }
            let path = system.opening(descriptor, of: number)?.path ?? "descriptor \(descriptor)"
            return system.perform(
                RecordedCall(system.calls.count, number, kind, path, nil, descriptor, offset, count), effect: effect)
        }
    }

    private func unrecorded(_ effect: SimulatedSystem.Effect) -> Int {
        system.locked.withLock { system in
            guard system.processes[number].isAlive else { return -Int(EIO) }
            do throws(SimulatedFailure) { return try effect(system, 0) } catch { return -Int(error.code) }
        }
    }
}

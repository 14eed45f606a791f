import Synchronization

/// A disk in memory that several simulated processes share, and that breaks as it is told to.
///
/// ```swift
/// let disk = SimulatedDisk(seed: 1)
/// let process = disk.process()
/// let file = try Disk(process).open("/file", O_RDWR | O_CREAT)
/// try file.write(bytes, at: 0)
/// try file.sync()
/// disk.losePower(keeping: .synced)   // the bytes are on the disk; the name is not: its folder was not synced
/// ```
///
/// What processes see and what is on the disk are two things, as with a real one. A sync of a file brings the bytes to
/// the disk that anyone wrote to it, and its size; the names in a folder come there by a sync of the folder alone. A
/// sync that fails leaves the bytes off the disk for good: the next one succeeds without them. Every other open file
/// of the same bytes is told of the failure at its own next sync, once.
///
/// There is one order of the calls of all processes, and each is done at a stroke. Paths begin at `/`, which is there;
/// others count from there, too. Everybody may do everything.
package final class SimulatedDisk: Sendable {
    /// What the disk and its processes have in common.
    final class State: Sendable {
        let locked: Mutex<SimulatedSystem>

        init(seed: UInt64, capacity: Int) { locked = Mutex(SimulatedSystem(seed: seed, capacity: capacity)) }
    }

    private let state: State

    /// An empty disk. The seed decides about everything that is left to chance. `capacity` is in bytes, of which files
    /// take whole pages of 4096.
    package init(seed: UInt64 = 1, capacity: Int = .max / 2) { state = State(seed: seed, capacity: capacity) }

    /// A process that uses it.
    package func process() -> SimulatedProcess {
        SimulatedProcess(
            state.locked.withLock { system in
                system.processes.append(.init())
                return system.processes.count - 1
            }, state)
    }

    // MARK: Ends

    /// Kills all processes, as SIGKILL does; what they wrote stays to be seen. No planned fault is left.
    package func killAll() {
        state.locked.withLock { system in
            system.killAll()
            system.faults = []
        }
    }

    /// Kills all processes and drops what is not on the disk, or some of it. No planned fault is left.
    package func losePower(keeping survival: Survival) {
        state.locked.withLock { system in
            system.losePower(keeping: survival)
            system.faults = []
        }
    }

    // MARK: Faults

    /// Plans a fault. The calls that it concerns are counted from now on, `number` of them go well.
    package func plan(_ fault: Fault, atCall number: Int = 0) {
        state.locked.withLock { $0.faults.append(PlannedFault(fault: fault, callsBefore: number)) }
    }

    /// Forgets the faults that were planned: the disk works from now on. What it has lost stays lost.
    package func mend() { state.locked.withLock { $0.faults = [] } }

    /// Does something whose calls, and all that are made meanwhile, go well and are not counted.
    package func withoutFaults<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        state.locked.withLock { $0.pauses += 1 }
        defer { state.locked.withLock { $0.pauses -= 1 } }
        return try await body()
    }

    /// The first call that met a planned fault.
    package var faultyCall: RecordedCall? {
        state.locked.withLock { system in system.reached.map { system.calls[$0.number] } }
    }

    // MARK: What happened, and what is there

    /// Every call that a living process made, in order; giving back a lock is none.
    package var calls: [RecordedCall] { state.locked.withLock { $0.calls } }

    /// A file's bytes as processes see them; `nil` where there is no file.
    package func bytes(_ path: String) -> [UInt8]? {
        state.locked.withLock { system in
            guard let node = try? system.node(at: path), !node.isFolder else { return nil }
            return node.file.cache.bytes
        }
    }

    /// The names in a folder as processes see them, in order; none where there is no folder.
    package func names(_ path: String) -> [String] {
        state.locked.withLock { system in (try? system.node(at: path))?.names.keys.sorted() ?? [] }
    }

    /// Names the time since the power was lost last, as a system's boot id does.
    package var bootID: String { state.locked.withLock { "boot-\($0.boots)" } }

    /// The time that files are written at, in seconds since 1970: when the disk was made, unless it is set.
    package var now: Int {
        get { state.locked.withLock { $0.now } }
        set { state.locked.withLock { $0.now = newValue } }
    }
}

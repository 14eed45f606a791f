import Dispatch

/// A file or folder of a simulated disk. Guarded by the disk's lock, as everything below.
final class SimulatedNode {
    let isFolder: Bool
    let mode: UInt16
    var file = SimulatedFile()
    /// A folder's names, as processes see them.
    var names: [String: SimulatedNode] = [:]
    /// Those that a loss of power leaves at least.
    var storedNames: [String: SimulatedNode] = [:]
    /// How many names it has.
    var links = 0
    /// How many open files there are of it.
    var openings = 0
    /// The open file that has the lock.
    var holder: SimulatedOpening?
    /// Those that share it instead.
    var sharers: [SimulatedOpening] = []
    /// How many syncs of it have failed.
    var failures = 0
    /// When it was last written to, in seconds since 1970.
    var modified = 0

    init(isFolder: Bool, mode: UInt16) {
        self.isFolder = isFolder
        self.mode = mode
    }
}

/// What a descriptor stands for.
final class SimulatedOpening {
    let node: SimulatedNode
    let path: String
    let flags: Int32
    /// The failed syncs of the file that were told to whoever has this: each open file is told of each once.
    var failuresTold: Int

    init(_ node: SimulatedNode, _ path: String, _ flags: Int32) {
        self.node = node
        self.path = path
        self.flags = flags
        failuresTold = node.failures
    }
}

/// A thread that waits for a lock.
struct SimulatedWaiter {
    let node: SimulatedNode
    let process: Int
    let bell: DispatchSemaphore
}

/// A change of names that is not on the disk yet, kept as a whole or not at all.
struct SimulatedNaming {
    struct Change {
        let folder: SimulatedNode
        let name: String
        /// What has the name from now on; `nil` where it is removed.
        let node: SimulatedNode?

        func store() { folder.storedNames[name] = node }
    }

    let changes: [Change]

    func concerns(_ folder: SimulatedNode) -> Bool { changes.contains { $0.folder === folder } }
}

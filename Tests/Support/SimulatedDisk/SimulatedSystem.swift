import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The state of a simulated disk and of the processes that use it, and what each call does to it.
final class SimulatedSystem {
    struct Process {
        var isAlive = true
        var openings: [Int32: SimulatedOpening] = [:]
        var nextDescriptor: Int32 = 3
    }

    var root = SimulatedNode(isFolder: true, mode: 0o700)
    var processes: [Process] = []
    var waiters: [SimulatedWaiter] = []
    /// In the order in which they were made.
    var namings: [SimulatedNaming] = []
    var random: SeededGenerator
    var calls: [RecordedCall] = []
    var faults: [PlannedFault] = []
    var reached: RecordedCall?
    var pauses = 0
    let capacity: Int
    var takenPages = 0
    var boots = 1
    var now = time(nil)

    init(seed: UInt64, capacity: Int) {
        random = SeededGenerator(seed)
        self.capacity = capacity
    }

    func opening(_ descriptor: Int32, of process: Int) -> SimulatedOpening? {
        processes[process].openings[descriptor]
    }

    // MARK: The ends of processes

    func kill(_ process: Int) {
        processes[process].isAlive = false
        for opening in processes[process].openings.values { close(opening) }
        processes[process].openings = [:]
        wake { $0.process == process }
    }

    func killAll() { for process in processes.indices where processes[process].isAlive { kill(process) } }

    func close(_ opening: SimulatedOpening) {
        unlock(opening)
        opening.node.openings -= 1
        freeIfGone(opening.node)
    }

    func unlock(_ opening: SimulatedOpening) {
        let isSharer = opening.node.sharers.contains { $0 === opening }
        guard opening.node.holder === opening || isSharer else { return }
        opening.node.sharers.removeAll { $0 === opening }
        if opening.node.holder === opening { opening.node.holder = nil }
        wake { $0.node === opening.node }
    }

    private func wake(_ isMeant: (SimulatedWaiter) -> Bool) {
        waiters.removeAll { waiter in
            guard isMeant(waiter) else { return false }
            waiter.bell.signal()
            return true
        }
    }

    func losePower(keeping survival: Survival) {
        killAll()
        boots += 1
        switch survival {
        case .synced: break
        case .everything: for naming in namings { naming.store() }
        case .random, .randomOverOldBytes:
            let count = Int.random(in: 0...namings.count, using: &random)
            for naming in namings.prefix(count) { naming.store() }
        }
        namings = []
        takenPages = 0
        var seen: Set<ObjectIdentifier> = []
        restart(root, keeping: survival, &seen)
    }

    private func restart(_ node: SimulatedNode, keeping survival: Survival, _ seen: inout Set<ObjectIdentifier>) {
        guard seen.insert(ObjectIdentifier(node)).inserted else { return }
        node.links = 0
        node.failures = 0
        if node.isFolder {
            node.names = node.storedNames
            for (_, child) in node.names.sorted(by: { $0.key < $1.key }) {
                restart(child, keeping: survival, &seen)
                child.links += 1
            }
        } else {
            node.file.losePower(keeping: survival, &random)
            takenPages += node.file.cache.takenPages
        }
    }

    // MARK: Names

    /// Makes changes that a loss of power keeps together.
    func name(_ changes: SimulatedNaming.Change...) {
        namings.append(SimulatedNaming(changes: changes))
        for change in changes {
            let before = change.folder.names[change.name]
            change.folder.names[change.name] = change.node
            change.node?.links += 1
            if let before {
                before.links -= 1
                freeIfGone(before)
            }
        }
    }

    private func freeIfGone(_ node: SimulatedNode) {
        if node.links == 0, node.openings == 0, !node.isFolder { takenPages -= node.file.cache.takenPages }
    }

    /// Brings the names in a folder to the disk, and of another folder what came before a renaming between the two.
    func store(_ folder: SimulatedNode) {
        var folders = [folder]
        var stored: [SimulatedNaming] = []
        var rest: [SimulatedNaming] = []
        for naming in namings.reversed() {
            guard folders.contains(where: naming.concerns) else {
                rest.append(naming)
                continue
            }
            stored.append(naming)
            for change in naming.changes where !folders.contains(where: { $0 === change.folder }) {
                folders.append(change.folder)
            }
        }
        for naming in stored.reversed() { naming.store() }
        namings = rest.reversed()
    }

    /// The folder that a path's last name is in, and that name; the name is empty for the root.
    func place(of path: String) throws(SimulatedFailure) -> (folder: SimulatedNode, name: String, isFolder: Bool) {
        guard !path.isEmpty else { throw SimulatedFailure(ENOENT) }
        guard path.utf8.count < 4096 else { throw SimulatedFailure(ENAMETOOLONG) }
        var trail = [root]
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            let folder = trail[trail.count - 1]
            guard folder.isFolder else { throw SimulatedFailure(ENOTDIR) }
            if index == parts.count - 1, part != ".", part != ".." {
                return (folder, String(part), path.hasSuffix("/"))
            }
            switch part {
            case ".": break
            case "..": if trail.count > 1 { trail.removeLast() }
            default:
                guard let next = try find(String(part), in: folder) else { throw SimulatedFailure(ENOENT) }
                trail.append(next)
            }
        }
        return (trail[trail.count - 1], "", false)
    }

    func find(_ name: String, in folder: SimulatedNode) throws(SimulatedFailure) -> SimulatedNode? {
        guard name.utf8.count <= 255 else { throw SimulatedFailure(ENAMETOOLONG) }
        return folder.names[name]
    }

    func node(at path: String) throws(SimulatedFailure) -> SimulatedNode {
        let (folder, name, isFolder) = try place(of: path)
        if name.isEmpty { return folder }
        guard let node = try find(name, in: folder) else { throw SimulatedFailure(ENOENT) }
        guard node.isFolder || !isFolder else { throw SimulatedFailure(ENOTDIR) }
        return node
    }
}

extension SimulatedNaming {
    func store() { for change in changes { change.store() } }
}

/// A call's error.
struct SimulatedFailure: Error {
    let code: Int32

    init(_ code: Int32) { self.code = code }
}

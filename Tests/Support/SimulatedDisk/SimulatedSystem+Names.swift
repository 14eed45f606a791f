import Dispatch
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Calls on names, and locks.
extension SimulatedSystem {
    func makeFolder(_ path: String, mode: UInt16) throws(SimulatedFailure) -> Int {
        let (folder, name, _) = try place(of: path)
        guard !name.isEmpty, try find(name, in: folder) == nil else { throw SimulatedFailure(EEXIST) }
        self.name(.init(folder: folder, name: name, node: SimulatedNode(isFolder: true, mode: mode)))
        return 0
    }

    func remove(_ path: String) throws(SimulatedFailure) -> Int {
        let (folder, name, _) = try place(of: path)
        guard try !node(at: path).isFolder else {
            #if canImport(Glibc)
                throw SimulatedFailure(EISDIR)
            #else
                throw SimulatedFailure(EPERM)
            #endif
        }
        self.name(.init(folder: folder, name: name, node: nil))
        return 0
    }

    func rename(_ path: String, to other: String) throws(SimulatedFailure) -> Int {
        let (folder, name, _) = try place(of: path)
        let (target, targetName, _) = try place(of: other)
        guard !name.isEmpty, !targetName.isEmpty else { throw SimulatedFailure(EBUSY) }
        guard let node = try find(name, in: folder) else { throw SimulatedFailure(ENOENT) }
        let found = try find(targetName, in: target)
        if !node.isFolder, path.hasSuffix("/") || other.hasSuffix("/") { throw SimulatedFailure(ENOTDIR) }
        if node.isFolder, holds(node, target) { throw SimulatedFailure(EINVAL) }
        if let found {
            if found === node { return 0 }
            if found.isFolder, holds(found, folder) { throw SimulatedFailure(ENOTEMPTY) }
            if found.isFolder, !node.isFolder { throw SimulatedFailure(EISDIR) }
            if !found.isFolder, node.isFolder { throw SimulatedFailure(ENOTDIR) }
            guard found.names.isEmpty else { throw SimulatedFailure(ENOTEMPTY) }
        }
        self.name(
            .init(folder: target, name: targetName, node: node), .init(folder: folder, name: name, node: nil))
        return 0
    }

    /// Whether a folder is another, or above it.
    private func holds(_ folder: SimulatedNode, _ other: SimulatedNode) -> Bool {
        folder === other || folder.names.values.contains { $0.isFolder && holds($0, other) }
    }

    func link(_ path: String, as other: String) throws(SimulatedFailure) -> Int {
        let node = try node(at: path)
        let (folder, name, isFolder) = try place(of: other)
        guard !name.isEmpty, try find(name, in: folder) == nil else { throw SimulatedFailure(EEXIST) }
        guard !isFolder else { throw SimulatedFailure(ENOENT) }
        guard !node.isFolder else { throw SimulatedFailure(EPERM) }
        self.name(.init(folder: folder, name: name, node: node))
        return 0
    }

    /// Everything is allowed but to run a file that is not meant for it, as for root.
    func access(_ path: String, _ mode: Int32) throws(SimulatedFailure) -> Int {
        let node = try node(at: path)
        if mode & X_OK != 0, !node.isFolder, node.mode & 0o111 == 0 { throw SimulatedFailure(EACCES) }
        return 0
    }

    func isFolder(_ path: String) throws(SimulatedFailure) -> Int { try node(at: path).isFolder ? 1 : 0 }

    func modified(_ path: String) throws(SimulatedFailure) -> Int {
        let node = try node(at: path)
        guard !node.isFolder else { throw SimulatedFailure(EISDIR) }
        return node.modified
    }

    /// The names in an order that means nothing.
    func names(in path: String) throws(SimulatedFailure) -> [String] {
        let node = try node(at: path)
        guard node.isFolder else { throw SimulatedFailure(ENOTDIR) }
        return node.names.keys.sorted().shuffled(using: &random)
    }

    // MARK: Locks

    /// What a call answers whose thread has to wait for its bell and then to ask again.
    static let hasToWait = Int.min

    func lock(
        _ descriptor: Int32, _ operation: LockOperation, _ bell: DispatchSemaphore?, by process: Int
    ) throws(SimulatedFailure) -> Int {
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        let node = opening.node
        guard operation != .release else {
            unlock(opening)
            return 0
        }
        let isHeld = node.holder != nil && node.holder !== opening
        if operation == .tryToShare, !isHeld {
            node.holder = nil
            if !node.sharers.contains(where: { $0 === opening }) { node.sharers.append(opening) }
            return 0
        }
        guard isHeld || node.sharers.contains(where: { $0 !== opening }) else {
            node.sharers = []
            node.holder = opening
            return 0
        }
        guard operation == .take, let bell else { throw SimulatedFailure(EWOULDBLOCK) }
        waiters.append(SimulatedWaiter(node: node, process: process, bell: bell))
        return Self.hasToWait
    }
}

import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The names in a queue's folder.
struct FolderLayout {
    let path: String
    let disk: Disk

    var lockPath: String { path + "/lock" }
    var syncedPath: String { path + "/synced" }
    var workersPath: String { path + "/workers" }
    var checkpointPath: String { path + "/checkpoint" }
    var checkpointDraftPath: String { checkpointPath + ".new" }
    /// Holds the lock of whoever writes a checkpoint.
    var checkpointLockPath: String { path + "/checkpoint.lock" }
    /// Where damaged bytes are put that were set aside.
    var damagedPath: String { path + "/damaged" }
    /// Whose lock everyone shares who has the queue open.
    var openPath: String { path + "/open" }
    /// What a repair is about to do, from the moment it can no longer be given up.
    var repairingPath: String { path + "/repairing" }

    private static let known: Set<String> = [
        "lock", "synced", "workers", "checkpoint", "checkpoint.lock", "damaged", "open", "repairing", "lost+found",
    ]

    func segmentPath(_ number: UInt32) -> String {
        let digits = String(number)
        return path + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
    }

    /// Makes the folder and its folder of workers where they are missing, readable to their owner alone.
    func create() throws(FileError) {
        try disk.makeFolder(path)
        try disk.makeFolder(workersPath)
    }

    /// The segments' numbers in order, and what else there is that a queue's folder does not have.
    func segments() throws(FileError) -> (numbers: [UInt32], strangers: [String]) {
        var numbers: [UInt32] = []
        var strangers: [String] = []
        for name in try disk.names(in: path) {
            if let number = FolderLayout.segmentNumber(of: name) {
                numbers.append(number)
            } else if !FolderLayout.known.contains(name), !name.hasSuffix(".new"), !name.hasPrefix(".") {
                strangers.append(name)
            }
        }
        return (numbers.sorted(), strangers.sorted())
    }

    private static func segmentNumber(of name: String) -> UInt32? {
        guard name.hasSuffix(".log"), name.utf8.count >= 12 else { return nil }
        let digits = name.dropLast(4)
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt32(digits)
    }

    /// Refuses a log whose beginning is gone. A segment is only dropped once there is a checkpoint, which may be damaged
    /// by now, but is there, or was set aside by a repair.
    func checkBeginning() throws(BrokerError) {
        let (numbers, names) = try before { () throws(FileError) in
            (try segments().numbers, try disk.names(in: path))
        }
        guard let first = numbers.first, first > 1, !names.contains("checkpoint"), !names.contains("damaged")
        else { return }
        throw BrokerError(
            .corrupt,
            "\(segmentPath(first - 1)) is missing, and no checkpoint tells what it held: restore the queue's folder from "
                + "a copy",
            mayHaveStored: false)
    }

    /// Removes files that were never finished. With the queue's lock held.
    func removeLeftovers() throws(FileError) {
        for name in try disk.names(in: path) where name.hasSuffix(".new") {
            if path + "/" + name == checkpointDraftPath, isCheckpointUnderWay { continue }
            try disk.remove(path + "/" + name)
        }
    }

    private var isCheckpointUnderWay: Bool {
        guard let lock = try? disk.open(checkpointLockPath, O_RDWR | O_CREAT) else { return true }
        return !lock.tryLock()
    }
}

extension FileError {
    func brokerError(mayHaveStored: Bool) -> BrokerError {
        let reason = remedy(for: "the queue").map { "\(cause): \($0)" } ?? cause
        return BrokerError(hasNoRoom ? .full : .unavailable, reason, mayHaveStored: mayHaveStored)
    }
}

/// Runs system calls that come before anything of the caller's was written: where they fail, nothing was stored.
func before<Value>(_ calls: () throws(FileError) -> Value) throws(BrokerError) -> Value {
    do { return try calls() } catch { throw error.brokerError(mayHaveStored: false) }
}

import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What is left to do of a repair once all that is new is on the disk. It is on the disk itself before its first step is
/// taken, so a repair that was interrupted is carried on.
struct RepairPlan {
    enum Step {
        /// Gives a file another name, in whose place it comes. Names are counted from the queue's folder.
        case rename(String, String)
        case remove(String)
    }

    var steps: [Step] = []

    /// Writes the plan under its name: from here on the repair is carried out, sooner or later.
    func commit(in folder: FolderLayout) throws(FileError) {
        var writer = ByteWriter()
        writer.write(steps) { writer, step in
            switch step {
            case .rename(let from, let to):
                writer.write(from)
                writer.write(to)
            case .remove(let name):
                writer.write(name)
                writer.write("")
            }
        }
        var file = ByteWriter()
        file.write(fixed: Fingerprint(of: writer.bytes).rawValue)
        file.write(writer.bytes)
        let draft = folder.repairingPath + ".new"
        try folder.disk.remove(draft)
        let open = try folder.disk.open(draft, O_RDWR | O_CREAT | O_EXCL)
        try open.write(file.bytes, at: 0)
        try open.sync()
        try folder.disk.rename(draft, to: folder.repairingPath)
        try folder.disk.syncFolder(folder.path)
    }

    /// The plan of an interrupted repair.
    init?(in folder: FolderLayout) {
        guard let file = try? folder.disk.open(folder.repairingPath, O_RDONLY),
            let bytes = try? file.bytes((try? file.size()) ?? 0, at: 0)
        else { return nil }
        var reader = ByteReader(bytes)
        guard let hash = try? reader.fixed64(), let rest = try? reader.array(), hash == Fingerprint(of: rest).rawValue
        else { return nil }
        var list = ByteReader(rest)
        let pairs = try? list.list { reader throws(ByteReader.Malformed) in (try reader.string(), try reader.string()) }
        steps = (pairs ?? []).map { $0.1.isEmpty ? .remove($0.0) : .rename($0.0, $0.1) }
    }

    init() {}

    /// Takes all steps; those that were taken before are passed over.
    func carryOut(in folder: FolderLayout) throws(FileError) {
        for step in steps {
            switch step {
            case .rename(let from, let to):
                if folder.disk.exists("\(folder.path)/\(from)") {
                    try folder.disk.rename("\(folder.path)/\(from)", to: "\(folder.path)/\(to)")
                }
            case .remove(let name): try folder.disk.remove("\(folder.path)/\(name)")
            }
        }
        try folder.disk.syncFolder(folder.path)
        if folder.disk.exists(folder.damagedPath) { try folder.disk.syncFolder(folder.damagedPath) }
        try folder.disk.remove(folder.repairingPath)
        try folder.disk.syncFolder(folder.path)
    }
}

import MailroomFiles

/// The folders of a spool.
struct SpoolFolder: Sendable {
    let path: String
    let format: SpoolFormat
    let disk: Disk

    /// Where files are written, on the same disk as their place.
    var temporary: String { path + "/tmp" }

    /// Where files appear.
    var place: String { format == .maildir ? path + "/new" : path }

    /// Makes the folders that are missing, and brings their names to the disk.
    func create() throws(FileError) {
        for name in format == .maildir ? ["tmp", "new", "cur"] : ["tmp"] { try disk.makeFolder("\(path)/\(name)") }
    }

    /// The file of this name, or of a name that begins like it, where a reader has moved it or another host wrote it.
    func existing(_ name: SpoolName) -> String? {
        guard format == .maildir else { return nil }
        for folder in ["new", "cur"] {
            let names = (try? disk.names(in: "\(path)/\(folder)")) ?? []
            if let found = names.first(where: { $0.hasPrefix(name.stem) }) { return found }
        }
        return nil
    }

    /// Removes what processes that died left half-written, once it was last written to before the limit, in seconds
    /// since 1970. Other files there may be somebody's own, in a folder that was more than a spool before.
    func removeLeftovers(before limit: Int) {
        for name in (try? disk.names(in: temporary)) ?? [] where name.hasSuffix(SpoolName.draftEnding) {
            let path = "\(temporary)/\(name)"
            if let modified = disk.modified(path), modified < limit { try? disk.remove(path) }
        }
    }
}

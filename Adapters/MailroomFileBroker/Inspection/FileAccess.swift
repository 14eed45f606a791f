import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Who may read a queue's files: its folder's owner alone. Only asked of real disks.
struct FileAccess {
    let path: String
    let mode: UInt32
    let owner: UInt32
    let isFolder: Bool

    init?(_ path: String, on disk: Disk) {
        guard disk.calls is RealSystemCalls else { return nil }
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.path = path
        mode = UInt32(status.st_mode) & 0o7777
        owner = UInt32(status.st_uid)
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether others than the owner may do anything with it.
    var isOpenToOthers: Bool { mode & 0o077 != 0 }

    /// The mode as `chmod` takes it.
    var octal: String { String(mode, radix: 8) }

    /// Takes others' rights away.
    func close() throws(FileError) {
        if chmod(path, isFolder ? 0o700 : 0o600) != 0 {
            throw FileError("cannot change the mode of \(path)", code: errno)
        }
    }

    /// Gives it to an owner, which only root can.
    func give(to owner: UInt32) throws(FileError) {
        if lchown(path, owner, .max) != 0 { throw FileError("cannot change the owner of \(path)", code: errno) }
    }
}

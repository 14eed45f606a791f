#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A system call on a file or folder that failed.
package struct FileError: Error, Hashable, Sendable {
    /// The system's number for what went wrong.
    package let code: Int32
    /// What could not be done, such as `cannot open /var/lib/app/queue/lock`.
    package let action: String

    package init(_ action: String, code: Int32) {
        self.code = code
        self.action = action
    }

    /// Whether the disk, or the user's share of it, is full.
    package var hasNoRoom: Bool { code == ENOSPC || code == EDQUOT }

    /// What could not be done and why, as the system says it.
    package var cause: String { "\(action): \(String(cString: strerror(code)))" }

    /// What a person can do about it; `nil` where the system's words are all there is to say. `place` names what the
    /// file belongs to, such as "the queue".
    package func remedy(for place: String) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "free space on the disk that holds \(place)"
        case EFBIG: "raise the limit of a file's size (ulimit -f)"
        case EACCES, EPERM: "give the folder and files of \(place) to the user that runs this process"
        case EROFS: "give \(place) a folder on a disk that can be written"
        case ENOTDIR: "name a folder, or move away the file that has its name"
        case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
        case ENAMETOOLONG: "give the folder of \(place) a shorter path"
        case EIO: "the disk reports damage: look at the system's log, and move \(place) to a disk that works"
        case ENOLCK: "give \(place) a folder on a local disk: this file system has no locks"
        default: nil
        }
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A system call on a file that failed.
package struct FileError: Error, Hashable, Sendable {
    /// The system's number for what went wrong.
    package let code: Int32
    /// What could not be done, such as `cannot open /var/lib/app/queue/lock`.
    package let action: String

    /// The latest error of this thread, unless a code is given.
    package init(_ action: String, code: Int32 = errno) {
        self.code = code
        self.action = action
    }

    /// Whether the disk, or the user's share of it, is full.
    package var hasNoRoom: Bool { code == ENOSPC || code == EDQUOT }
}

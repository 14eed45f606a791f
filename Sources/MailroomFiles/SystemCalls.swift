/// The system calls that files and folders are made of, as they are: each may be interrupted, do less than it was asked,
/// or fail. ``Disk`` and ``File`` stand on these; a simulated disk stands in for the real one.
///
/// Each answers a number that is not negative, or the error's number with its sign turned.
package protocol SystemCalls: Sendable {
    func open(_ path: String, _ flags: Int32, mode: UInt16) -> Int
    func close(_ descriptor: Int32) -> Int
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int
    func size(_ descriptor: Int32) -> Int
    func truncate(_ descriptor: Int32, to size: Int) -> Int
    /// Sees to it that a range has room on the disk, so that writing there does not make the file grow.
    func allocate(_ descriptor: Int32, from offset: Int, count: Int) -> Int
    /// Gives the room of a range back to the disk, where the disk can do so; what is read there afterwards is zeros or
    /// what was there.
    func giveBack(_ descriptor: Int32, from offset: Int, count: Int) -> Int
    /// Brings a file's bytes, and its size, to the disk; of a folder, the names in it.
    func sync(_ descriptor: Int32) -> Int
    /// Takes, tries to take or to share, or releases the lock that belongs to an open file.
    func lock(_ descriptor: Int32, _ operation: LockOperation) -> Int
    /// Shows a file's first bytes at an address that is reserved for them. What is written there stays in the process.
    func map(_ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer) -> Int

    func makeFolder(_ path: String, mode: UInt16) -> Int
    func remove(_ path: String) -> Int
    func rename(_ path: String, to other: String) -> Int
    /// Gives a file a second name; fails where the name is taken.
    func link(_ path: String, as other: String) -> Int
    /// Whether the process may do this (`R_OK`, `W_OK`, `X_OK`; `F_OK` for being there).
    func access(_ path: String, _ mode: Int32) -> Int
    /// 1 for a folder, 0 for anything else.
    func isFolder(_ path: String) -> Int
    /// When a file was last written to, in seconds since 1970; fails with `EISDIR` for anything but a file of its own.
    func modified(_ path: String) -> Int
    /// The names in a folder but `.` and `..`.
    func names(in path: String, _ visit: (String) -> Void) -> Int
}

/// What to do with a file's lock.
package enum LockOperation: Sendable {
    case take, tryToTake, tryToShare, release
}

extension SystemCalls {
    /// Keeps the room: right for any disk, since nothing is promised.
    package func giveBack(_ descriptor: Int32, from offset: Int, count: Int) -> Int { 0 }
}

import MailroomFiles
import TestSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The calls of a simulated process to which its disk is mounted for reading alone.
struct ReadOnlyCalls: SystemCalls {
    private let process: SimulatedProcess

    init(_ process: SimulatedProcess) { self.process = process }

    func open(_ path: String, _ flags: Int32, mode: UInt16) -> Int {
        let writes = flags & O_ACCMODE != O_RDONLY
        let makes = flags & O_CREAT != 0 && process.access(path, F_OK) < 0
        return writes || makes ? -Int(EROFS) : process.open(path, flags, mode: mode)
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int { -Int(EBADF) }
    func truncate(_ descriptor: Int32, to size: Int) -> Int { -Int(EINVAL) }
    func allocate(_ descriptor: Int32, from offset: Int, count: Int) -> Int { -Int(EBADF) }
    func makeFolder(_ path: String, mode: UInt16) -> Int {
        process.access(path, F_OK) < 0 ? -Int(EROFS) : -Int(EEXIST)
    }
    func remove(_ path: String) -> Int { -Int(process.access(path, F_OK) < 0 ? ENOENT : EROFS) }
    func rename(_ path: String, to other: String) -> Int { -Int(EROFS) }
    func link(_ path: String, as other: String) -> Int { -Int(EROFS) }

    func close(_ descriptor: Int32) -> Int { process.close(descriptor) }
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        process.read(descriptor, into: buffer, at: offset)
    }
    func size(_ descriptor: Int32) -> Int { process.size(descriptor) }
    func sync(_ descriptor: Int32) -> Int { process.sync(descriptor) }
    func lock(_ descriptor: Int32, _ operation: LockOperation) -> Int { process.lock(descriptor, operation) }
    func map(_ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer) -> Int {
        process.map(descriptor, count: count, at: address)
    }
    func access(_ path: String, _ mode: Int32) -> Int { process.access(path, mode) }
    func isFolder(_ path: String) -> Int { process.isFolder(path) }
    func modified(_ path: String) -> Int { process.modified(path) }
    func names(in path: String, _ visit: (String) -> Void) -> Int { process.names(in: path, visit) }
}

import MailroomFiles
import Synchronization

/// A mail's file in a Maildir: what Mailroom noted before the mail, then the mail as it was received.
final class MaildirEntry: Sendable {
    private let disk: Disk
    private let path: Mutex<String>
    /// Where the mail begins in the file.
    private let offset: Int
    /// How many octets the mail has.
    let count: Int

    init(path: String, offset: Int, count: Int, disk: Disk) {
        self.path = Mutex(path)
        self.offset = offset
        self.count = count
        self.disk = disk
    }

    /// Whether Mailroom wrote the file.
    var isOurs: Bool { offset > 0 }

    /// The mail's first octets. Throws where the file was taken away.
    func read(first limit: Int) throws(FileError) -> [UInt8] {
        try path.withLock { (path) throws(FileError) in
            try disk.open(path, 0).bytes(min(limit, count), at: offset)
        }
    }

    /// Removes the file; another program may have done so.
    func remove() throws(FileError) {
        try path.withLock { (path) throws(FileError) in try disk.remove(path) }
    }

    /// Gives the file the name and folder of a mail that has been read (flag `S`).
    func markAsRead() throws(FileError) {
        try path.withLock { (path) throws(FileError) in
            guard let name = path.split(separator: "/").last, !name.contains(":2,") else { return }
            let new = "\(Disk.parent(of: Disk.parent(of: path)))/cur/\(name):2,S"
            try disk.rename(path, to: new)
            path = new
        }
    }
}

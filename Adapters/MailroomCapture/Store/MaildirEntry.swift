import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A mail's file in a Maildir: what Mailroom noted before the mail, then the mail as it was received. It is found again
/// after other programs moved it to `cur` or gave it flags.
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

    /// A range of the mail's octets. Throws where the file was taken away.
    func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        let file = try found { (path) throws(FileError) in try disk.open(path, O_RDONLY | O_NONBLOCK) }
        let range = range.clamped(to: 0..<count)
        return try file.bytes(range.count, at: offset + range.lowerBound)
    }

    /// Removes the file; another program may have done so.
    func remove() throws(FileError) {
        do throws(FileError) {
            try found { (path) throws(FileError) in
                // `Disk.remove` does not tell whether there was one.
                var result = disk.calls.remove(path)
                while result == -Int(EINTR) { result = disk.calls.remove(path) }
                if result < 0 { throw FileError("cannot remove \(path)", code: Int32(-result)) }
            }
        } catch {
            if error.code != ENOENT { throw error }
        }
    }

    /// Gives the file the folder of mails that have been looked at, and the flag `S` beside those that it has.
    func markAsRead() throws(FileError) {
        try found { (path) throws(FileError) in
            let name = MaildirName(path)
            guard !name.isSeen else { return }
            let new = "\(Disk.parent(of: Disk.parent(of: path)))/cur/\(name.seen)"
            try disk.rename(path, to: new)
            path = new
        }
    }

    /// Does something with the file where it is; where it is no longer there, once more where it was moved to.
    private func found<Value: Sendable>(
        _ body: (inout String) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try path.withLock { (path) throws(FileError) in
            // Another program may move it again after it was found.
            for _ in 0..<8 {
                do throws(FileError) { return try body(&path) } catch {
                    guard error.code == ENOENT, let moved = moved(from: path) else { throw error }
                    path = moved
                }
            }
            return try body(&path)
        }
    }

    /// Where the file of the same mail is now.
    private func moved(from path: String) -> String? {
        let root = Disk.parent(of: Disk.parent(of: path))
        let stem = MaildirName(path).stem
        // The names that readers give most often; looking through the folders takes long where they are large.
        for likely in ["cur/\(stem):2,", "cur/\(stem):2,S", "new/\(stem)"]
        where disk.modified("\(root)/\(likely)") != nil {
            return "\(root)/\(likely)"
        }
        for folder in ["cur", "new"] {
            let names = (try? disk.names(in: "\(root)/\(folder)")) ?? []
            for name in names where name.hasPrefix(stem) && MaildirName(name).stem == stem {
                let file = "\(root)/\(folder)/\(name)"
                if disk.modified(file) != nil { return file }
            }
        }
        return nil
    }
}

import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Mails as files in a Maildir, which other programs read as well: written in `tmp`, then named in `new`; in `cur` once
/// somebody has looked at them. They outlive the process, but a loss of power may take the last ones: nothing waits
/// for the disk.
///
/// Before each mail stands what cannot be told from it; see ``MaildirHead``.
final class Maildir: Sendable {
    /// A mail is copied in pieces of so many octets.
    private static let pieceSize = 256 << 10
    /// After so many seconds nobody writes a file in `tmp` any more: what the format says.
    private static let abandonment = 36 * 3600

    private let disk: Disk
    private let path: String
    private let host: String
    private let sequence = Atomic<Int>(0)

    /// Makes the folders where they are missing, and removes what a process of this host left half written long ago.
    init(path: String, hostname: String, disk: Disk = .real, now: Duration = WallClock.now) throws(FileError) {
        self.disk = disk
        self.path = path
        let host = hostname.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" }
        self.host = host.isEmpty ? "localhost" : String(host)
        for folder in ["tmp", "new", "cur"] { try disk.makeFolder("\(path)/\(folder)") }
        sweep(before: Int(now.components.seconds) - Self.abandonment)
    }

    private func sweep(before time: Int) {
        for name in (try? disk.names(in: "\(path)/tmp")) ?? [] where MaildirName.isUnique(name, host: host) {
            let file = "\(path)/tmp/\(name)"
            if let modified = disk.modified(file), modified < time { try? disk.remove(file) }
        }
    }

    /// Writes a mail's file.
    /// - Returns: the mail, to be read from there.
    func keep(_ message: CapturedMessage) throws(FileError) -> CapturedMessage {
        let number = sequence.add(1, ordering: .relaxed).newValue
        let name = MaildirName.unique(at: message.receivedAt, process: getpid(), number: number, host: host)
        let head = MaildirHead.bytes(of: message)
        let temporary = "\(path)/tmp/\(name)"
        let final = "\(path)/new/\(name)"
        do throws(FileError) {
            let file = try disk.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(head, at: 0)
            var start = 0
            while start < message.size {
                // What is in memory needs no pieces.
                let size = message.content.memoryCount > 0 ? message.size : Self.pieceSize
                let piece = try message.content.read(start..<min(message.size, start + size))
                guard !piece.isEmpty else { throw FileError("cannot read a mail to its end", code: EIO) }
                try file.write(piece, at: head.count + start)
                start += piece.count
            }
            try disk.rename(temporary, to: final)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
        let entry = MaildirEntry(path: final, offset: head.count, count: message.size, disk: disk)
        return CapturedMessage(
            id: message.id, receivedAt: message.receivedAt, envelope: message.envelope, content: MailContent(entry))
    }

    /// The mails that are there, oldest first. Those that other programs put there have only what their header says.
    func load() throws(FileError) -> [(message: CapturedMessage, isRead: Bool)] {
        var found: [(message: CapturedMessage, isRead: Bool)] = []
        for folder in ["new", "cur"] {
            for name in try disk.names(in: "\(path)/\(folder)") where !name.hasPrefix(".") {
                // Another program may have taken it away or renamed it meanwhile.
                guard let message = try? read("\(path)/\(folder)/\(name)") else { continue }
                found.append((message, MaildirName(name).isSeen))
            }
        }
        return found.sorted { $0.message.receivedAt < $1.message.receivedAt }
    }

    private func read(_ path: String) throws(FileError) -> CapturedMessage {
        // Nobody may ever write to a pipe, and a folder is no mail.
        guard let modified = disk.modified(path) else { throw FileError("cannot read \(path)", code: EINVAL) }
        let file = try disk.open(path, O_RDONLY | O_NONBLOCK)
        let size = try file.size()
        if let (id, at, envelope, offset) = try head(of: file, size) {
            let entry = MaildirEntry(path: path, offset: offset, count: size - offset, disk: disk)
            return CapturedMessage(id: id, receivedAt: at, envelope: envelope, content: MailContent(entry))
        }
        let entry = MaildirEntry(path: path, offset: 0, count: size, disk: disk)
        return CapturedMessage(
            id: MaildirName(path).stem, receivedAt: .seconds(modified),
            envelope: .init(helo: "", remoteAddress: "", reversePath: nil, recipients: []), content: MailContent(entry))
    }

    /// What stands before the mail, where Mailroom wrote it.
    private func head(of file: File, _ size: Int) throws(FileError) -> MaildirHead.Parsed? {
        var start = try file.bytes(min(size, 4096), at: 0)
        guard let length = MaildirHead.length(in: start), length <= size else { return nil }
        if length > start.count { start += try file.bytes(length - start.count, at: start.count) }
        return MaildirHead.parse(Array(start.prefix(length)))
    }
}

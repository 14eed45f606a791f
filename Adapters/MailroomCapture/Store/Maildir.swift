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
    /// How much of a file is read to find what stands before the mail.
    private static let headLimit = 256 << 10

    private let disk: Disk
    private let path: String
    private let hostname: String
    private let sequence = Atomic<Int>(0)

    /// Makes the folders where they are missing.
    init(path: String, hostname: String, disk: Disk = .real) throws(FileError) {
        self.disk = disk
        self.path = path
        self.hostname = hostname
        for folder in ["tmp", "new", "cur"] { try disk.makeFolder("\(path)/\(folder)") }
    }

    /// Writes a mail's file.
    /// - Returns: the mail, to be read from there.
    func keep(_ message: CapturedMessage) throws(FileError) -> CapturedMessage {
        let name = name(for: message)
        let head = MaildirHead.bytes(of: message)
        let temporary = "\(path)/tmp/\(name)"
        let final = "\(path)/new/\(name)"
        do throws(FileError) {
            let file = try disk.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(head, at: 0)
            try file.write(try message.content.read(), at: head.count)
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
                let file = "\(path)/\(folder)/\(name)"
                // Another program may have taken it away or renamed it meanwhile.
                guard let message = try? read(file, name: name) else { continue }
                let flags = name.split(separator: ":2,", maxSplits: 1).dropFirst().first ?? ""
                found.append((message, flags.contains("S")))
            }
        }
        return found.sorted { $0.message.receivedAt < $1.message.receivedAt }
    }

    /// Unique on this machine, and telling the time, as the format wants it.
    private func name(for message: CapturedMessage) -> String {
        let (seconds, attoseconds) = message.receivedAt.components
        let number = sequence.add(1, ordering: .relaxed).newValue
        let host = hostname.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" }
        return "\(seconds).M\(attoseconds / 1_000_000_000_000)P\(getpid())Q\(number)."
            + (host.isEmpty ? "localhost" : String(host))
    }

    private func read(_ path: String, name: String) throws(FileError) -> CapturedMessage {
        let file = try disk.open(path, O_RDONLY)
        let size = try file.size()
        let start = try file.bytes(min(size, Self.headLimit), at: 0)
        if let (id, at, envelope, offset) = MaildirHead.parse(start) {
            let entry = MaildirEntry(path: path, offset: offset, count: size - offset, disk: disk)
            return CapturedMessage(id: id, receivedAt: at, envelope: envelope, content: MailContent(entry))
        }
        let entry = MaildirEntry(path: path, offset: 0, count: size, disk: disk)
        let stem = name.split(separator: ":2,", maxSplits: 1).first.map(String.init) ?? name
        return CapturedMessage(
            id: stem, receivedAt: .seconds(disk.modified(path) ?? 0),
            envelope: .init(helo: "", remoteAddress: "", reversePath: nil, recipients: []), content: MailContent(entry))
    }
}

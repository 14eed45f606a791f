import Mailroom
import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes groups of deliveries, one group at a time, on the transport's queue.
final class SpoolWriter: Sendable {
    private let folder: SpoolFolder
    /// Files written so far, and what other writers' files do not have: no two drafts share a name. A process' number
    /// is no such thing, since the first process of every container has the same.
    private let count = Atomic<Int>(0)
    private let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    private let isReady = Atomic<Bool>(false)
    private let hasTidied = Atomic<Bool>(false)

    /// A file that is written but not in its place.
    private struct Draft {
        let delivery: SpoolDelivery
        let name: SpoolName
        let path: String
    }

    /// As old as Maildir's rule asks: 36 hours.
    private static let leftoverAge = 36 * 3600

    init(_ folder: SpoolFolder) { self.folder = folder }

    /// Settles each delivery: written, brought to the disk, put in place, and the folder brought to the disk for all of
    /// them at once.
    func write(_ group: [SpoolDelivery]) {
        blockFileSizeSignal()
        if !hasTidied.exchange(true, ordering: .relaxed) {
            folder.removeLeftovers(before: time(nil) - Self.leftoverAge)
        }
        var drafts: [Draft] = []
        for delivery in group where delivery.start() {
            do throws(FileError) {
                drafts.append(try draft(delivery))
            } catch {
                delivery.fail(error)
            }
        }
        var placed: [(SpoolDelivery, name: String)] = []
        for draft in drafts {
            defer { try? folder.disk.remove(draft.path) }
            guard draft.delivery.commit() else { continue }
            do throws(FileError) {
                placed.append((draft.delivery, try place(draft)))
            } catch {
                draft.delivery.fail(error)
            }
        }
        guard !placed.isEmpty else { return }
        do throws(FileError) {
            try folder.disk.syncFolder(folder.place)
            for (delivery, name) in placed { delivery.accept(name) }
        } catch {
            // Someone may have read it already, so taking it away again would undo nothing.
            for (delivery, name) in placed { delivery.doubt(name, error) }
        }
    }

    /// Gives the file its name. That a file has the name already means that an earlier delivery put it there.
    private func place(_ draft: Draft) throws(FileError) -> String {
        if draft.delivery.mail.attempt > 1, let existing = folder.existing(draft.name) { return existing }
        let path = "\(folder.place)/\(draft.name.name)"
        do throws(FileError) {
            _ = try withFolders { () throws(FileError) in try folder.disk.link(draft.path, as: path) }
        } catch  where error.code == EPERM || error.code == ENOTSUP {
            throw FileError(
                "cannot link \(path), so the disk has no links: use another, or another user's folder",
                code: error.code)
        }
        return draft.name.name
    }

    private func draft(_ delivery: SpoolDelivery) throws(FileError) -> Draft {
        let message = delivery.mail.bytes
        let name = SpoolName(
            delivery.mail.id, Fingerprint(of: delivery.fields + Fingerprint(of: message).bytes), folder.format)
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "\(folder.temporary)/\(name.name).\(mark).\(number)\(SpoolName.draftEnding)"
        // What is there may have been made by a process that died before it was on the disk.
        if !isReady.load(ordering: .relaxed) {
            try folder.create()
            isReady.store(true, ordering: .relaxed)
        }
        let file = try withFolders { () throws(FileError) in try folder.disk.open(path, O_WRONLY | O_CREAT | O_EXCL) }
        do throws(FileError) {
            var output = SpoolFile(file, convertsLines: folder.format == .maildir)
            try output.append(delivery.fields)
            try output.append(message)
            try output.finish()
        } catch {
            try? folder.disk.remove(path)
            throw error
        }
        return Draft(delivery: delivery, name: name, path: path)
    }

    /// Does it once more, with folders made anew, where they are missing: someone may have taken them away.
    private func withFolders<Value>(_ body: () throws(FileError) -> Value) throws(FileError) -> Value {
        do throws(FileError) {
            return try body()
        } catch  where error.code == ENOENT {
            try folder.create()
            return try body()
        }
    }

    /// Writing beyond the limit of a file's size is to be an error, not the process's end. It stays so for this thread,
    /// which is one of the system's pool and does nothing for which it would matter.
    private func blockFileSizeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGXFSZ)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

extension Fingerprint {
    fileprivate var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> ($0 * 8)) } }
}

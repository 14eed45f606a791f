import Mailroom
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
    /// Files written by this process, for names that no two of them share.
    private let count = Atomic<Int>(0)
    private let hasTidied = Atomic<Bool>(false)

    /// A file that is written but not in its place.
    private struct Draft {
        let delivery: SpoolDelivery
        let name: SpoolName
        let path: String
    }

    init(_ folder: SpoolFolder) { self.folder = folder }

    /// Settles each delivery: written, brought to the disk, put in place, and the folder brought to the disk for all of
    /// them at once.
    func write(_ group: [SpoolDelivery]) {
        blockFileSizeSignal()
        if !hasTidied.exchange(true, ordering: .relaxed) { folder.removeLeftovers() }
        var drafts: [Draft] = []
        for delivery in group where delivery.start() {
            do throws(SpoolError) {
                drafts.append(try draft(delivery))
            } catch {
                delivery.fail(error)
            }
        }
        var placed: [(SpoolDelivery, name: String)] = []
        for draft in drafts {
            defer { unlink(draft.path) }
            guard draft.delivery.commit() else { continue }
            do throws(SpoolError) {
                placed.append((draft.delivery, try place(draft)))
            } catch {
                draft.delivery.fail(error)
            }
        }
        guard !placed.isEmpty else { return }
        do throws(SpoolError) {
            try SpoolFolder.sync(folder.place)
            for (delivery, name) in placed { delivery.accept(name) }
        } catch {
            // Someone may have read it already, so taking it away again would undo nothing.
            for (delivery, name) in placed { delivery.doubt(name, error) }
        }
    }

    /// Gives the file its name. That a file has the name already means that an earlier delivery put it there.
    private func place(_ draft: Draft) throws(SpoolError) -> String {
        if draft.delivery.mail.attempt > 1, let existing = folder.existing(draft.name) { return existing }
        let path = "\(folder.place)/\(draft.name.name)"
        var result = link(draft.path, path)
        if result != 0, errno == ENOENT {
            try folder.create()
            result = link(draft.path, path)
        }
        guard result != 0, errno != EEXIST else { return draft.name.name }
        guard errno == EPERM || errno == ENOTSUP else { throw SpoolError("cannot make \(path)") }
        throw SpoolError("cannot link \(path), so the disk has no links: use another, or another user's folder")
    }

    private func draft(_ delivery: SpoolDelivery) throws(SpoolError) -> Draft {
        let message = delivery.mail.bytes
        let name = SpoolName(
            delivery.mail.id, Fingerprint(of: delivery.fields + Fingerprint(of: message).bytes), folder.format)
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "\(folder.temporary)/\(name.name).\(getpid()).\(number)\(SpoolName.draftEnding)"
        let file = try create(path)
        do throws(SpoolError) {
            defer { close(file) }
            var output = SpoolFile(file, path, convertsLines: folder.format == .maildir)
            try output.append(delivery.fields)
            try output.append(message)
            try output.finish()
        } catch {
            unlink(path)
            throw error
        }
        return Draft(delivery: delivery, name: name, path: path)
    }

    private func create(_ path: String) throws(SpoolError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        var file = open(path, flags, 0o600)
        if file < 0, errno == ENOENT {
            try folder.create()
            file = open(path, flags, 0o600)
        }
        guard file >= 0 else { throw SpoolError("cannot make \(path)") }
        return file
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

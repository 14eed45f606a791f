import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Notices what other processes do: that something came to the disk, that a worker's file was closed by its end.
/// Where the system cannot tell (other than Linux), the caller's timer has to do.
final class ChangeWatch {
    #if canImport(Glibc)
        private let notifier: Int32
        private var watches: [Int32] = []
        private let folder: FolderLayout

        init(_ folder: FolderLayout) {
            self.folder = folder
            notifier = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        }

        deinit { if notifier >= 0 { _ = close(notifier) } }

        /// Every write makes an event for everyone who watches, so that this is done while idle only.
        func begin() {
            guard notifier >= 0, watches.isEmpty else { return }
            watches = [
                inotify_add_watch(notifier, folder.syncedPath, UInt32(IN_MODIFY)),
                inotify_add_watch(notifier, folder.workersPath, UInt32(IN_CLOSE_WRITE)),
            ]
        }

        func end() {
            for watch in watches where watch >= 0 { _ = inotify_rm_watch(notifier, watch) }
            watches = []
            // Removing a watch makes an event, which would end the next sleep at once.
            _ = drain()
        }

        /// Takes what was noticed. Answers whether a worker's file was closed.
        private func drain() -> Bool {
            var isWorker = false
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
                while true {
                    let count = read(notifier, buffer.baseAddress!, buffer.count)
                    var offset = 0
                    // An event is its watch, mask, cookie and the length of the name that follows (inotify(7)).
                    while offset + 16 <= count {
                        let watch = buffer.load(fromByteOffset: offset, as: Int32.self)
                        if watches.count == 2, watch == watches[1] { isWorker = true }
                        offset += 16 + Int(buffer.load(fromByteOffset: offset + 12, as: UInt32.self))
                    }
                    if count <= 0 { break }
                }
            }
            return isWorker
        }
    #else
        private let notifier: Int32 = -1
        init(_ folder: FolderLayout) {}
        func begin() {}
        func end() {}
        private func drain() -> Bool { false }
    #endif

    /// What ended a sleep.
    enum Waking {
        case bell, change, workerEnded, timeout
    }

    /// Sleeps until the bell rings, something changes or the time is over; without end for a negative time.
    func sleep(_ bell: Bell, milliseconds: Int32) -> Waking {
        var descriptors = [
            pollfd(fd: bell.reader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notifier, events: Int16(POLLIN), revents: 0),
        ]
        let limit: Int32 = 20
        let count = poll(&descriptors, 2, bell.isWorking || 0..<limit ~= milliseconds ? milliseconds : limit)
        if descriptors[0].revents != 0 { bell.hush() }
        guard count > 0 else { return .timeout }
        guard descriptors[1].revents != 0 else { return .bell }
        return drain() ? .workerEnded : .change
    }
}

import Synchronization

/// How much the mails that are being received may hold together, beside a page of memory each.
final class ReceivingRoom: Sendable {
    private struct Held {
        var memory = 0
        var disk = 0
    }

    private let memoryLimit: Int
    private let diskLimit: Int
    private let held = Mutex(Held())

    init(memory: Int = .max, disk: Int = .max) {
        memoryLimit = memory
        diskLimit = disk
    }

    /// Octets of memory that are held.
    var memory: Int { held.withLock { $0.memory } }

    /// Octets on the disk that are held.
    var disk: Int { held.withLock { $0.disk } }

    /// Whether so many octets of memory were free, which are held now.
    func takeMemory(_ count: Int) -> Bool {
        held.withLock { held in
            guard count <= memoryLimit - held.memory else { return false }
            held.memory += count
            return true
        }
    }

    /// Whether so many octets on the disk were free, which are held now. A mail that is alone may go beyond the limit,
    /// or one that is larger could never be taken.
    /// - Parameter own: how many the same mail holds already.
    func takeDisk(_ count: Int, beside own: Int) -> Bool {
        held.withLock { held in
            guard held.disk == own || count <= diskLimit - held.disk else { return false }
            held.disk += count
            return true
        }
    }

    func give(memory: Int, disk: Int) {
        held.withLock { held in
            held.memory -= memory
            held.disk -= disk
        }
    }
}

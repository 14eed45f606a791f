import Foundation
import Mailroom
import MailroomFiles

extension FileBroker {
    /// Writes everything anew that stands before a segment and is still needed, and deletes what is before it.
    func purge(before segment: UInt32) async throws(BrokerError) {
        guard try await checkpoint() >= segment else {
            throw BrokerError(
                .unavailable,
                "the queue in \(settings.folder) cannot write its checkpoint, so that what was erased is still in its "
                    + "segments: see to the folder, and erase again")
        }
        while true {
            let (dropped, isDone) = try await run(room: 0) { (queue) throws(BrokerError) in
                try queue.purge(before: segment)
            }
            if isDone { return }
            // What was moved out of it is on the disk by now.
            if let dropped { try await run { (queue) throws(BrokerError) in try queue.drop(dropped) } }
        }
    }

    /// Writes a checkpoint on a thread of its own. Answers the segment that the folder's checkpoint stands in.
    private func checkpoint() async throws(BrokerError) -> UInt32 {
        // Everything so far has been announced by the time this call is taken.
        for _ in 0..<2 { try await run { (_) throws(BrokerError) in } }
        let settings = settings
        let result: Result<UInt32, BrokerError> = await withUnsafeContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: Result { () throws(BrokerError) in
                        try CheckpointWriter.run(settings, waits: true)
                        return Checkpoint.latestPosition(in: settings.layout)?.segment ?? 0
                    })
            }
        }
        return try result.get()
    }
}

extension FileQueue {
    /// One step of moving what stands before a segment.
    func purge(before segment: UInt32) throws(BrokerError) -> (dropped: UInt32?, isDone: Bool) {
        let first = try before { () throws(FileError) in try log.folder.segments().numbers.first ?? segment }
        guard first < segment else { return (nil, true) }
        let done = try mover.step(self, first: first)
        promiseIsAwaited()
        return (done, false)
    }

    /// Deletes a segment of which nothing is needed any more.
    func drop(_ segment: UInt32) throws(BrokerError) {
        try before { () throws(FileError) in
            try log.folder.disk.remove(log.folder.segmentPath(segment))
            try log.folder.disk.syncFolder(log.folder.path)
        }
        log.forget(segment)
    }
}

extension FileQueue {
    /// The log's first segment.
    func firstSegment() throws(BrokerError) -> UInt32 {
        try before { () throws(FileError) in try log.folder.segments().numbers.first ?? log.segment.number }
    }
}

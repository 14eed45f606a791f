import Foundation
import Mailroom
import MailroomFiles

/// Submitting without reading what is there.
extension CommitThread {
    /// Appends what waits without reading the queue, if all of it is new for certain. Answers false where it has to be
    /// done the other way; nothing was done then.
    func appendUnread() -> Bool {
        guard operations.allSatisfy({ $0.append != nil }), corruption == nil else { return false }
        if syncs.takeFailure() != nil {
            unread = nil
            isInDoubt = true
            noteDoubt()
        }
        do throws(BrokerError) {
            if unread == nil { unread = try UnreadQueue(settings, since: newSince) }
            guard let unread else { return false }
            completions.removeAll(keepingCapacity: true)
            guard try append(to: unread) else {
                self.unread = nil
                return false
            }
            return true
        } catch {
            // What went wrong is told by the other way, which meets it again.
            unread = nil
            noteLoss(error)
            return false
        }
    }

    private func append(to unread: UnreadQueue) throws(BrokerError) -> Bool {
        let log = unread.log
        var failure: BrokerError?
        try log.lock()
        do {
            defer { log.unlock() }
            var room = 0
            for operation in operations { room += operation.room }
            guard try unread.readOn(), (try? log.makeRoomInSegment(for: room)) == true else { return false }
            for operation in operations {
                guard let completion = operation.append?(unread) else {
                    log.forgetGroup()
                    return false
                }
                completions.append(completion)
            }
            failure = write(log)
        }
        operations.removeAll(keepingCapacity: true)
        if finish(on: log, mustSync: true, failure) != nil { self.unread = nil }
        return true
    }

    /// What was offered may be stored, and may be offered again.
    func noteDoubt() {
        newSince = settings.time.now().addingTimeInterval(0.001)
    }
}

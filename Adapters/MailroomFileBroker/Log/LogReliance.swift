import Mailroom
import MailroomFiles

/// What is acted upon before it is on the disk, leases above all, must not be gone without a word: a failed sync, of
/// whichever process, may drop it, and what was handed out would look as if it never had been. So the end of it is noted
/// in another file, that of the lock. All of this is done with the lock held.
extension Log {
    /// Notes that somebody acts upon all that was written.
    func rely() throws(FileError) { try relied.write(end) }

    /// Whether something is gone that was acted upon. Everything was read on.
    func hasLostWhatWasReliedUpon() throws(BrokerError) -> Bool {
        try before { () throws(FileError) in try relied.read() } > end
    }

    /// The error of whoever finds that records are gone: it opens the queue anew, in doubt.
    func lost() -> BrokerError {
        BrokerError(.recordIsGone, "records before \(tail) of \(segment.file.path) are gone", mayHaveStored: false)
    }
}

extension BrokerError.Code {
    /// A record that was read is no longer there: a sync failed, and leases that were not on the disk may be lost.
    static let recordIsGone = BrokerError.Code(rawValue: "recordIsGone")
}

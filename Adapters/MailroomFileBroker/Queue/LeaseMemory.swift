import Mailroom
import Synchronization

/// What was read of the jobs that this process has in hand, so that settling them need not read it again.
final class LeaseMemory: Sendable {
    /// An object, since it is passed on several times and has many parts.
    final class Job: Sendable {
        let details: JobDetails
        /// Where it stood in the table, which may have been made anew since.
        let slot: Slot
        /// As it stood when it was handed out.
        let entry: JobEntry
        /// The submission's header as it is stored.
        let header: [UInt8]

        init(details: JobDetails, slot: Slot, entry: JobEntry, header: [UInt8]) {
            self.details = details
            self.slot = slot
            self.entry = entry
            self.header = header
        }
    }

    private let jobs = Mutex<[JobID: Job]>([:])
    /// Leases that were lost are never settled.
    private static let limit = 100_000

    func note(_ read: [(JobID, Job)]) {
        jobs.withLock { jobs in
            if jobs.count + read.count > LeaseMemory.limit { jobs = [:] }
            for (id, job) in read { jobs[id] = job }
        }
    }

    /// Takes out what is known of these jobs.
    func take(_ settlements: [Settlement]) -> [JobID: Job] {
        jobs.withLock { jobs in
            var taken: [JobID: Job] = [:]
            taken.reserveCapacity(settlements.count)
            for settlement in settlements {
                if let job = jobs.removeValue(forKey: settlement.lease.job) { taken[settlement.lease.job] = job }
            }
            return taken
        }
    }
}

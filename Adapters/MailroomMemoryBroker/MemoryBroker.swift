import Foundation
public import Mailroom
import Synchronization

/// A broker that keeps its jobs in memory, for tests and for what need not outlive the process.
///
/// ```swift
/// let pipeline = try PipelineBuilder().broker(.memory()).transport(capture).build()
/// ```
///
/// Nothing survives the process: `enqueue` promises order and idempotency, not durability.
public final class MemoryBroker: Broker {
    let time: any TimeSource
    let queue = Mutex(MemoryQueue())
    let changes = Wakeup()
    let workerBook = WorkerBook()

    /// An empty broker. Give it the clock that its pipeline has.
    public init(time: some TimeSource = .system) {
        self.time = time
    }

    /// Keeps submissions in memory, all or none of them.
    public func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        let now = time.now()
        let answers = try queue.withLock { (queue) throws(BrokerError) in
            let (answers, new) = try queue.admissions(for: submissions, now: now)
            for index in new { queue.admit(submissions[index]) }
            return answers
        }
        changes.signal()
        return answers
    }

    /// Leases due jobs, waiting on the broker's clock until there is one.
    public func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        workerBook.note(request, at: time.now())
        return try await changes.search(for: "a job", within: request.wait, on: time) { uptime throws(BrokerError) in
            let now = time.now()
            let look = try queue.withLock { (queue) throws(BrokerError) in
                let leases = try queue.lease(request, now: now, uptime: uptime)
                return Look(leases, next: queue.table.nextChange(in: request.queues, now: now, uptime: uptime))
            }
            // Whoever waits has to know when these leases end.
            if look.isFound { changes.signal() }
            return look
        }
    }

    /// Makes leases last from now on; answers those that are lost.
    public func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        let until = time.uptime() + duration
        let now = time.now()
        return queue.withLock { queue in
            for worker in queue.table.workers(of: leases) { workerBook.touch(worker, at: now) }
            for lease in leases { queue.table.extend(lease, until: until) }
            return queue.table.lost(leases)
        }
    }

    /// Merges facts and takes the decisions of leases that hold.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        let now = time.now()
        let results = try queue.withLock { (queue) throws(BrokerError) in
            for worker in queue.table.workers(of: settlements.map(\.lease)) { workerBook.touch(worker, at: now) }
            return try queue.settle(settlements, at: now)
        }
        changes.signal()
        return results
    }
}

extension Broker where Self == MemoryBroker {
    /// A broker in memory; nothing survives the process.
    public static func memory(time: some TimeSource = .system) -> MemoryBroker { MemoryBroker(time: time) }
}

extension AdapterScheme where Adapter == any Broker {
    /// `memory:`
    public static var memory: Self {
        Self("memory", isDurable: false) { _ throws(ConfigurationError) in MemoryBroker() }
    }
}

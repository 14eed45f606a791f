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
    let machine = Mutex(QueueMachine())
    let changes = Wakeup()
    let workerBook = WorkerBook()

    /// An empty broker. Give it the clock that its pipeline has.
    public init(time: some TimeSource = .system) {
        self.time = time
    }

    /// Keeps submissions in memory, all or none of them.
    public func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        let now = time.now()
        let result = machine.withLock { machine in
            Result { () throws(BrokerError) in
                let (answers, new) = try machine.admissions(for: submissions, now: now)
                machine.apply(.enqueued(new.map { QueueMachine.Arrival(inMemory: submissions[$0]) }))
                return answers
            }
        }
        let answers = try result.get()
        changes.signal()
        return answers
    }

    /// Leases due jobs, waiting on the broker's clock until there is one.
    public func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        let deadline = time.uptime() + request.wait
        workerBook.note(request, at: time.now())
        while true {
            let generation = changes.generation
            let now = time.now()
            let uptime = time.uptime()
            let (leases, next) = machine.withLock { machine in
                let picks = machine.pick(request, now: now, uptime: uptime)
                if !picks.expired.isEmpty {
                    machine.apply(.ended(picks.expired, reason: "expired before it could be delivered", at: now))
                }
                machine.apply(
                    .leased(.init(leases: picks.leases, worker: request.worker, expires: uptime + request.duration)))
                return (picks.leases.compactMap(machine.filledLease), machine.nextChange(in: request.queues))
            }
            // Whoever waits has to know when these leases end.
            if !leases.isEmpty { changes.signal() }
            if !leases.isEmpty || uptime >= deadline { return leases }
            var wake = deadline
            if let due = next.due { wake = min(wake, uptime + .milliseconds(due.milliseconds - now.milliseconds)) }
            if let expiry = next.expiry { wake = min(wake, expiry) }
            do {
                try await changes.wait(after: generation, until: wake, on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for a job was cancelled", mayHaveStored: false)
            }
        }
    }

    /// Makes leases last from now on; answers those that are lost.
    public func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        let until = time.uptime() + duration
        return machine.withLock { machine in
            machine.apply(.extended(leases, until: until))
            return machine.lost(leases)
        }
    }

    /// Merges facts and takes the decisions of leases that hold.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        let now = time.now()
        let results = machine.withLock { $0.apply(.settled(settlements, at: now)) }
        changes.signal()
        return results
    }
}

extension Broker where Self == MemoryBroker {
    /// A broker in memory; nothing survives the process.
    public static func memory(time: some TimeSource = .system) -> MemoryBroker { MemoryBroker(time: time) }
}

extension QueueMachine.Arrival {
    fileprivate init(inMemory submission: Submission) {
        var header = submission
        header.payload = []
        header.attachments = []
        self.init(
            header: header,
            content: .bytes(payload: submission.payload, attachments: submission.attachments),
            digests: submission.attachments.map(\.digest))
    }
}

extension QueueMachine {
    /// A granted lease with its job's content, which is in memory.
    fileprivate func filledLease(_ id: Lease.ID) -> Lease? {
        guard let granted = lease(id) else { return nil }
        var lease = granted.lease
        if case .bytes(let payload, let attachments) = granted.content {
            lease.submission.payload = payload
            lease.submission.attachments = attachments
        }
        return lease
    }
}

extension AdapterScheme where Adapter == any Broker {
    /// `memory:`
    public static var memory: Self {
        Self("memory", isDurable: false) { _ throws(ConfigurationError) in MemoryBroker() }
    }
}

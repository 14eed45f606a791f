package import Foundation
package import Mailroom

/// A broker that hands every call on to another, but for those that it answers itself.
package protocol ForwardingBroker: Broker {
    associatedtype Inner: Broker
    /// The broker that has the jobs.
    var inner: Inner { get }
}

extension ForwardingBroker {
    package func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        try await inner.enqueue(submissions)
    }

    package func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] { try await inner.lease(request) }

    package func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] {
        try await inner.extend(leases, by: time)
    }

    package func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        try await inner.settle(settlements)
    }
}

extension ForwardingBroker where Inner: SendRecords {
    package func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        try await inner.records(of: jobs)
    }

    package func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        try await inner.sends(matching: query)
    }

    package func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        try await inner.sendCounts(matching: query)
    }
}

extension ForwardingBroker where Inner: BrokerAdministration {
    package func counts() async throws(BrokerError) -> [QueueCounts] { try await inner.counts() }

    package func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        try await inner.jobs(matching: query)
    }

    package func leasedJobs() async throws(BrokerError) -> [LeasedJob] { try await inner.leasedJobs() }

    package func workers() async throws(BrokerError) -> [WorkerRecord] { try await inner.workers() }

    package func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        try await inner.cancel(jobs, reason: reason)
    }

    package func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] { try await inner.retry(jobs) }

    package func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        try await inner.forget(jobs, in: states)
    }

    package func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        try await inner.prune(settledBefore: time, states: states)
    }

    package func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        try await inner.erase(recipient: address)
    }
}

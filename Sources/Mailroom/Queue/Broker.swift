/// An adapter that keeps jobs until they are settled.
///
/// Jobs of one queue are leased in the order in which they become due, then in the order of their submission.
/// Calls may come from any task at once; a broker puts together what waits at the same moment.
public protocol Broker: Adapter {
    /// Stores submissions, all or none of them, and returns once they would survive a loss of power (or whatever the
    /// broker promises in its documentation). Idempotent by ``Submission/id``. Answers in the order of the
    /// submissions. On an error, ``BrokerError/mayHaveStored`` says whether something may be stored all the same.
    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission]

    /// Leases jobs that are due, waiting up to the request's limit until there is one. Answers an empty list when
    /// nothing came, and throws ``BrokerError/Code/cancelled`` at once when the task is cancelled.
    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease]

    /// Makes leases last `time` from now. Answers those that are lost: their jobs belong to someone else by now.
    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID]

    /// Merges the facts of each settlement into its job's record, durably, and does what it says is next where the
    /// lease still holds. Answers in the order of the settlements. A settlement whose answer was lost may be made again:
    /// it is answered as the first time and changes nothing.
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult]
}

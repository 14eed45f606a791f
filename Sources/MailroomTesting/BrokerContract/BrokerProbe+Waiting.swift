import Mailroom
import Synchronization

extension BrokerProbe {
    /// A call that is under way.
    typealias Call<Answer: Sendable> = Task<Result<Answer, BrokerError>, Never>

    /// Begins a lease call without a job to lease, and returns when it waits.
    func waitForJobs(
        _ limit: Int = 1, upTo time: Duration = .seconds(3600), from queues: [QueueName] = [.default],
        worker: String = "w", on other: (any Broker)? = nil
    ) async -> Call<[Lease]> {
        let broker = other ?? broker
        let request = LeaseRequest(queues: queues, limit: limit, wait: time, duration: .seconds(30), worker: worker)
        return await begin { () async throws(BrokerError) in try await broker.lease(request) }
    }

    /// Begins to wait for events, and returns when the call waits.
    func waitForEvents(
        after cursor: EventCursor, upTo time: Duration = .seconds(3600), on feed: any EventFeed
    ) async -> Call<EventBatch> {
        await begin { () async throws(BrokerError) in try await feed.events(after: cursor, limit: 100, wait: time) }
    }

    private func begin<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws(BrokerError) -> Answer
    ) async -> Call<Answer> {
        let asleep = clock.sleepers
        let end = End()
        let call = Call<Answer> {
            defer { end.isReached.store(true, ordering: .relaxed) }
            do throws(BrokerError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        waiting.withLock { $0.append { call.cancel() } }
        // A broker that does not wait by the clock is given a moment. If that is too short, the clause proves less.
        let limit = ContinuousClock.now + .milliseconds(100)
        while clock.sleepers <= asleep, !end.isReached.load(ordering: .relaxed), .now < limit { await Task.yield() }
        return call
    }

    /// The answer that a call must have by now.
    func answer<Answer: Sendable>(_ call: Call<Answer>, _ moment: String) async throws -> Answer {
        switch try await end(call, moment) {
        case .success(let answer): return answer
        case .failure(let error):
            throw ContractViolation(clause: clause, observation: "\(moment), a waiting call threw \(error)")
        }
    }

    /// How a call ends that must be over by now.
    func end<Answer: Sendable>(_ call: Call<Answer>, _ moment: String) async throws -> Result<Answer, BrokerError> {
        guard let result = await Race.run(patience, { await call.value }) else {
            throw ContractViolation(
                clause: clause, observation: "\(moment), a waiting call was not answered within \(patience)")
        }
        return result
    }

    /// The answer to a call that has waited as long as it was to. Time passes until it is there, for who does not wait
    /// by the clock may have begun late.
    func answer<Answer: Sendable>(_ call: Call<Answer>, afterWaiting time: Duration) async throws -> Answer {
        let limit = ContinuousClock.now + patience
        while true {
            clock.advance(by: time)
            if let result = await Race.run(patience / 10, { await call.value }) { return try result.get() }
            try require(.now < limit, "a call that was to wait for \(time) still waits after that")
        }
    }

    /// Requires that a call ends because it was cancelled.
    func requireCancelled<Answer: Sendable>(_ call: Call<Answer>, _ moment: String) async throws {
        switch try await end(call, moment) {
        case .success(let answer):
            throw ContractViolation(clause: clause, observation: "\(moment), a waiting call answered \(answer)")
        case .failure(let error): try requireEqual(error.code, .cancelled, "the error \(moment)")
        }
    }
}

/// Whether a call was answered, for who does not want to wait for it.
private final class End: Sendable {
    let isReached = Atomic(false)
}

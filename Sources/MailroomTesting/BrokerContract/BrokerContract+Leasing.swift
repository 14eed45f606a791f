import Mailroom

extension BrokerContract {
    static let leasing = [
        BrokerClause("A leased job is nobody else's until its lease ends; then the attempt is used up") { probe in
            _ = try await probe.enqueue(probe.submission())
            let first = try await probe.leaseOne()
            probe.clock.advance(by: .seconds(29))
            let early = try await probe.lease()
            try probe.requireEqual(early.count, 0, "the number of jobs within the lease")
            probe.clock.advance(by: .seconds(1))
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.attempt, 2, "the attempt")
            try probe.require(second.earlierAttemptLost, "the lost attempt is not told")
            try probe.require(first.id != second.id, "both leases have one identity")
        },
        BrokerClause("An extended lease holds, and a lost one is told") { probe in
            _ = try await probe.enqueue(probe.submission())
            let first = try await probe.leaseOne()
            probe.clock.advance(by: .seconds(20))
            let kept = try await probe.broker.extend([first.id], by: .seconds(30))
            try probe.requireEqual(kept, [], "what was lost at first")
            probe.clock.advance(by: .seconds(29))
            let early = try await probe.lease()
            try probe.requireEqual(early.count, 0, "the number of jobs within the extension")
            probe.clock.advance(by: .seconds(1))
            _ = try await probe.leaseOne()
            let lost = try await probe.broker.extend([first.id], by: .seconds(30))
            try probe.requireEqual(lost, [first.id], "what was lost at last")
        },
        BrokerClause("Queues are taken from in the order of the request") { probe in
            let (slow, fast) = (probe.submission(queue: "slow"), probe.submission(queue: "fast"))
            _ = try await probe.enqueue(slow, fast, probe.submission(queue: "other"))
            let leases = try await probe.lease(from: ["fast", "slow"])
            try probe.requireEqual(leases.map(\.id.job), [fast.id, slow.id], "the order")
        },
        BrokerClause("A lease call answers no more jobs than it was asked for") { probe in
            _ = try await probe.enqueue(probe.submission(), probe.submission(), probe.submission())
            let leases = try await probe.lease(2)
            try probe.requireEqual(leases.count, 2, "the number of jobs")
        },
        BrokerClause("A lease call that waits is answered as soon as a job is submitted") { probe in
            let request = LeaseRequest(wait: .seconds(3600), duration: .seconds(30), worker: "w")
            async let waiting = probe.broker.lease(request)
            let submission = probe.submission()
            _ = try await probe.enqueue(submission)
            let leases = try await waiting
            try probe.requireEqual(leases.map(\.id.job), [submission.id], "the answer")
        },
        BrokerClause("A cancelled lease call throws at once") { probe in
            let broker = probe.broker
            let waiting = Task { try await broker.lease(LeaseRequest(wait: .seconds(3600), worker: "w")) }
            waiting.cancel()
            do {
                let leases = try await waiting.value
                try probe.require(false, "it answered \(leases.count) jobs")
            } catch let error as BrokerError {
                try probe.requireEqual(error.code, .cancelled, "the error")
            }
        },
    ]
}

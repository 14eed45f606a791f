import Mailroom

extension BrokerContract {
    static let order: [BrokerClause] = [
        BrokerClause("A job is not handed out before it is due") { probe in
            let job = try await probe.submit(probe.submission(delay: .seconds(2)))
            try await probe.requireNoneDue("at once")
            probe.clock.advance(by: .milliseconds(1999))
            try await probe.requireNoneDue("a millisecond early")
            probe.clock.advance(by: .milliseconds(1))
            try await probe.requireLeased(job, "what is due")
        },
        BrokerClause("Jobs come in the order in which they become due, then in the order of their submission") {
            probe in
            let delays = [5, 3, 3, 9, 0, 3, 1, 5, 0]
            let submissions = delays.map { probe.submission(delay: .seconds($0)) }
            for submission in submissions { try await probe.submit(submission) }
            probe.pass(9)
            let promised = [4, 8, 6, 1, 2, 5, 0, 7, 3].map { submissions[$0].id }
            try await probe.requireLeased(promised, limit: 20, "the order")
        },
        BrokerClause("A job that became due waits behind those that were due before it") { probe in
            let later = probe.submission(delay: .seconds(5))
            try await probe.submit(later)
            probe.pass(2)
            let now = probe.submission()
            try await probe.submit(now)
            probe.pass(3)
            let last = probe.submission()
            try await probe.submit(last)
            for promised in [now, later, last] {
                try await probe.requireLeased([promised.id], limit: 1, "the next job")
            }
        },
        BrokerClause("A job that waits again comes when it is due again") { probe in
            let first = probe.submission()
            try await probe.submit(first, probe.submission(delay: .seconds(4)), probe.submission(delay: .seconds(8)))
            let lease = try await probe.leaseOne()
            try await probe.settle(lease, .retry(notBefore: probe.after(.seconds(6))), [ann: .refusedForNow])
            probe.pass(8)
            let leases = try await probe.lease()
            try probe.requireEqual(leases.count, 3, "the number of due jobs")
            try probe.requireEqual(leases[1].id.job, first.id, "the job in the middle of those due")
        },
        BrokerClause("A snoozed job takes its place by when it is due again") { probe in
            let first = probe.submission()
            try await probe.submit(first, probe.submission(delay: .seconds(4)), probe.submission(delay: .seconds(8)))
            try await probe.settle(try await probe.leaseOne(), .snooze(until: probe.after(.seconds(6))))
            probe.pass(8)
            let leases = try await probe.lease()
            try probe.requireEqual(leases.map(\.id.job).firstIndex(of: first.id), 1, "its place among three")
        },
        BrokerClause("A job that a worker gives back keeps its place in line") { probe in
            let jobs = try await probe.submit(probe.submission(), probe.submission(), probe.submission())
            probe.pass(1)
            let later = try await probe.submit(probe.submission())
            let leases = try await probe.leaseExactly(2)
            probe.pass(1)
            try await probe.settle(leases[1], .release)
            try await probe.settle(leases[0], .release)
            try await probe.requireLeased(jobs + later, "the order")
        },
        BrokerClause("A lost worker's jobs stand before what became due after them, in their order") { probe in
            let lost = try await probe.submit((0..<5).map { _ in probe.submission() })
            _ = try await probe.leaseExactly(5)
            probe.pass(10)
            let waiting = try await probe.submit(probe.submission())
            probe.pass(20)
            try await probe.requireLeased(lost + waiting, "the order")
        },
        BrokerClause("Queues are taken from in the order of the request") { probe in
            let (slow, fast) = (probe.submission(queue: "slow"), probe.submission(queue: "fast"))
            try await probe.submit(slow, fast, probe.submission(queue: "other"))
            try await probe.requireLeased([fast.id, slow.id], from: ["fast", "slow"], "the order")
        },
        BrokerClause("The first queue is emptied before the second, up to the limit") { probe in
            let slow = try await probe.submit(probe.submission(queue: "slow"), probe.submission(queue: "slow"))
            probe.pass(1)
            let fast = try await probe.submit((0..<3).map { _ in probe.submission(queue: "fast") })
            let queues: [QueueName] = ["empty", "fast", "slow"]
            try await probe.requireLeased(Array(fast[..<2]), limit: 2, from: queues, "the first two")
            try await probe.requireLeased([fast[2], slow[0]], limit: 2, from: queues, "the second two")
            try await probe.requireLeased([slow[1]], limit: 2, from: queues, "the rest")
        },
        BrokerClause("A lease call answers no more jobs than it was asked for") { probe in
            let jobs = try await probe.submit(probe.submission(), probe.submission(), probe.submission())
            try await probe.requireLeased(Array(jobs[..<2]), limit: 2, "what two are")
            try await probe.requireLeased([jobs[2]], limit: 2, "the rest")
        },
        BrokerClause("A job is only for workers that ask for its queue") { probe in
            let job = try await probe.submit(probe.submission(queue: "letters"))
            try await probe.requireNoneDue("to a worker of another queue")
            try await probe.requireLeased([], from: ["letter", "Letters", "letters "], "what came of similar queues")
            try await probe.requireLeased(job, from: ["letters"], "what came of its queue")
        },
    ]

    static let expiry: [BrokerClause] = [
        BrokerClause("A job past its expiry is not handed out") { probe in
            let (early, late) = (
                probe.submission(expiresAfter: .seconds(5)), probe.submission(expiresAfter: .milliseconds(5001))
            )
            try await probe.submit(early, late)
            probe.pass(5)
            try await probe.requireLeased([late.id], "what is to be done at the expiry of the first")
            probe.pass(1)
            try await probe.requireNoneDue("after its expiry")
        },
        BrokerClause("A job that expires while it is scheduled is not handed out when it is due") { probe in
            try await probe.submit(
                probe.submission(delay: .seconds(10), expiresAfter: .seconds(5)),
                probe.submission(delay: .seconds(10), expiresAfter: .seconds(10)),
                probe.submission(delay: .seconds(10), expiresAfter: .seconds(15)))
            probe.pass(20)
            try await probe.requireNoneDue("after its expiry")
        },
        BrokerClause("Expiry does not end a job in a worker's hands") { probe in
            try await probe.submit(probe.submission(expiresAfter: .seconds(5)))
            let lease = try await probe.leaseOne()
            probe.pass(6)
            let lost = try await probe.broker.extend([lease.id], by: .seconds(30))
            try probe.requireEqual(lost, [], "what was lost after the expiry")
            let result = try await probe.settle(lease, .finished, [ann: .accepted])
            try probe.requireEqual(result, .settled(.finished), "the answer after the expiry")
        },
        BrokerClause("A job that comes back after its expiry is not tried again") { probe in
            try await probe.submit(probe.submission(expiresAfter: .seconds(5)))
            let lease = try await probe.leaseOne()
            probe.pass(6)
            try await probe.settle(lease, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            try await probe.requireNoneDue("after its expiry")
            try await probe.submit(probe.submission(expiresAfter: .seconds(5)))
            _ = try await probe.leaseOne()
            probe.pass(30)
            try await probe.requireNoneDue("after its expiry, its worker being lost")
        },
        BrokerClause("An expired job is dead on record, with the reason, and its recipients have failed") { probe in
            _ = try probe.records
            let (ready, later) = (
                probe.submission(to: [ann, bob], expiresAfter: .seconds(5)),
                probe.submission(delay: .seconds(3), expiresAfter: .seconds(5))
            )
            try await probe.submit(ready, later)
            probe.pass(5)
            try await probe.requireNoneDue("after its expiry")
            for job in [ready.id, later.id] {
                let record = try await probe.record(job)
                try probe.requireEqual(record.state, .dead, "the state")
                try probe.require(record.error?.isEmpty == false, "no reason is recorded")
                try probe.requireEqual(Set(record.recipients.map(\.status)), [.failed], "the recipients' status")
                try probe.requireEqual(record.updatedAt, probe.clock.now(), "when it ended")
                try probe.requireEqual(record.attempts, 0, "the number of attempts")
            }
        },
        BrokerClause("An expired job's key lives on for its lifetime") { probe in
            let first = probe.submission(expiresAfter: .seconds(5), key: "k")
            try await probe.submit(first)
            probe.pass(5)
            try await probe.requireNoneDue("after its expiry")
            probe.pass(59)
            let answer = try await probe.enqueue(probe.submission(key: "k"))
            try probe.requireEqual(answer, [.duplicate(of: first.id)], "the answer 59 s after the expiry was noticed")
            probe.pass(1)
            try await probe.submit(probe.submission(key: "k"))
        },
    ]
}

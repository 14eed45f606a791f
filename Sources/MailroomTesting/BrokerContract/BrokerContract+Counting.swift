import Mailroom

extension BrokerContract {
    static let counting: [BrokerClause] = [
        BrokerClause("Counts follow a job through every state") { probe in
            _ = try probe.administration
            try await probe.requireCounts([:], "at first")
            try await probe.submit(
                probe.submission(), probe.submission(), probe.submission(), probe.submission(delay: .seconds(9)))
            try await probe.requireCounts([.ready: 3, .scheduled: 1], "after submission")
            let leases = try await probe.leaseExactly(3)
            try await probe.requireCounts([.leased: 3, .scheduled: 1], "after leasing")
            try await probe.end(leases[0], as: .finished)
            try await probe.end(leases[1], as: .dead)
            try await probe.settle(leases[2], .snooze(until: probe.after(.seconds(5))), reason: "busy")
            try await probe.requireCounts([.finished: 1, .dead: 1, .scheduled: 2], "after settling")
            probe.pass(9)
            try await probe.requireCounts([.finished: 1, .dead: 1, .ready: 2], "when all was due")
            try await probe.end(try await probe.leaseNext(), as: .held)
            try await probe.settle(try await probe.leaseOne(), .release)
            try await probe.requireCounts([.finished: 1, .dead: 1, .held: 1, .ready: 1], "at last")
        },
        BrokerClause("Counts follow what a person does, and expiry") { probe in
            let administration = try probe.administration
            try await probe.submit((0..<4).map { _ in probe.submission() })
            for (lease, state) in zip(try await probe.lease(3), [JobState.finished, .dead, .held]) {
                try await probe.end(lease, as: state)
            }
            let jobs = try await probe.jobs()
            _ = try await administration.cancel(jobs, reason: "not wanted")
            try await probe.requireCounts([.finished: 1, .dead: 2, .held: 1], "after cancelling")
            _ = try await administration.retry(jobs)
            try await probe.requireCounts([.finished: 1, .ready: 3], "after a person's retry")
            probe.pass(86_400)
            try await probe.requireNoneDue("after its expiry")
            try await probe.requireCounts([.finished: 1, .dead: 3], "after the expiry")
            _ = try await administration.forget([jobs[0]], in: [.dead])
            try await probe.requireCounts([.finished: 1, .dead: 2], "after one was forgotten")
            _ = try await administration.prune(settledBefore: probe.after(.seconds(1)), states: [.finished, .dead])
            try await probe.requireCounts([:], "after all was pruned")
        },
        BrokerClause("Each queue is counted by itself, sorted by name") { probe in
            let administration = try probe.administration
            for queue in ["b", "a", "c", "a"] as [QueueName] { _ = try await probe.job(.ready, queue: queue) }
            _ = try await probe.job(.finished, queue: "d")
            let counts = try await administration.counts().filter { !$0.jobs.isEmpty }
            try probe.requireEqual(counts.map(\.queue), ["a", "b", "c", "d"], "the queues")
            try probe.requireEqual(
                counts.map(\.jobs), [[.ready: 2], [.ready: 1], [.ready: 1], [.finished: 1]], "their jobs")
        },
        BrokerClause("Jobs that needed more than one attempt are counted as retried") { probe in
            let administration = try probe.administration
            let job = try await probe.submit(probe.submission())
            try await probe.settle(
                try await probe.leaseNext(), .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            try await probe.requireCounts([.ready: 1], retried: 0, "after the first attempt")
            try await probe.settle(
                try await probe.leaseNext(), .snooze(until: probe.after(.seconds(1))), reason: "busy")
            try await probe.requireCounts([.scheduled: 1], retried: 0, "after a snooze of the second")
            try await probe.submit(probe.submission())
            _ = try await probe.leaseNext()
            probe.pass(30)
            for lease in try await probe.lease() { try await probe.end(lease, as: .dead) }
            try await probe.requireCounts([.dead: 2], retried: 2, "after two attempts at each")
            _ = try await administration.retry(job)
            try await probe.requireCounts([.dead: 1, .ready: 1], retried: 1, "after a person retried one")
        },
        BrokerClause("Jobs in hand are listed with their worker and time left, the oldest lease first") { probe in
            let administration = try probe.administration
            let jobs = try await probe.submit(probe.submission(), probe.submission(), probe.submission())
            _ = try await probe.lease(1, worker: "b", for: .seconds(60))
            probe.pass(1)
            let second = try await probe.leaseNext(worker: "a", for: .seconds(30))
            probe.pass(1)
            _ = try await probe.broker.extend([second.id], by: .seconds(45))
            let leased = try await administration.leasedJobs()
            try probe.requireJobs(leased.map(\.job.id), Array(jobs[..<2]), "the jobs in hand")
            try probe.requireEqual(leased.map(\.worker), ["b", "a"], "the workers")
            try probe.requireEqual(leased.map(\.remaining), [.seconds(58), .seconds(45)], "the time left")
            try probe.requireEqual(leased.map(\.job.state), [.leased, .leased], "the states")
            try await probe.end(second, as: .finished)
            let left = try await administration.leasedJobs()
            try probe.requireJobs(left.map(\.job.id), [jobs[0]], "the jobs in hand after one was settled")
        },
        BrokerClause("A job whose lease ran out is listed as in hand until somebody takes it") { probe in
            let administration = try probe.administration
            let job = try await probe.submit(probe.submission())
            _ = try await probe.lease(worker: "a")
            probe.pass(31)
            let over = try await administration.leasedJobs()
            try probe.requireJobs(over.map(\.job.id), job, "the jobs in hand")
            try probe.require(
                over[0].remaining <= .zero, "there was \(over[0].remaining) left of a lease that was over")
            try await probe.requireCounts([.leased: 1], "after the lease ran out")
            _ = try await probe.lease(worker: "b")
            try probe.requireEqual(try await administration.leasedJobs().map(\.worker), ["b"], "who has it then")
        },
        BrokerClause("Workers are listed with the queues they asked for and the jobs they hold") { probe in
            let administration = try probe.administration
            try await probe.submit(probe.submission(), probe.submission())
            _ = try await probe.lease(2, from: ["fast", .default], worker: "b")
            probe.pass(5)
            _ = try await probe.lease(from: ["slow"], worker: "a")
            let workers = try await administration.workers()
            try probe.requireEqual(workers.map(\.name), ["a", "b"], "the workers")
            try probe.requireEqual(workers.map(\.queues), [["slow"], ["fast", .default]], "their queues")
            try probe.requireEqual(workers.map(\.jobs), [0, 2], "the numbers of their jobs")
            try probe.requireEqual(
                workers.map(\.lastSeen), [probe.clock.now(), probe.after(.seconds(-5))], "when they called last")
        },
        BrokerClause("A worker that waits without a job is listed") { probe in
            let administration = try probe.administration
            _ = await probe.waitForJobs(from: ["letters"], worker: "idle")
            let workers = try await administration.workers()
            try probe.requireEqual(workers.map(\.name), ["idle"], "the workers")
            try probe.requireEqual(workers.map(\.queues), [["letters"]], "their queues")
            try probe.requireEqual(workers.map(\.jobs), [0], "the numbers of their jobs")
        },
        BrokerClause("A worker that extends or settles was seen then") { probe in
            let administration = try probe.administration
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseNext(worker: "a")
            probe.pass(5)
            _ = try await probe.broker.extend([lease.id], by: .seconds(30))
            let first = try await administration.workers().map(\.lastSeen)
            try probe.requireEqual(first, [probe.clock.now()], "when it called last, after extending")
            probe.pass(5)
            try await probe.end(lease, as: .finished)
            let second = try await administration.workers().map(\.lastSeen)
            try probe.requireEqual(second, [probe.clock.now()], "when it called last, after settling")
        },
    ]

    static let listing: [BrokerClause] = [
        BrokerClause("Jobs are listed the latest arrival first, by state and queue") { probe in
            _ = try probe.administration
            let states: [JobState] = [.ready, .finished, .leased, .dead, .scheduled, .held, .dead, .ready]
            var jobs: [JobID] = []
            for (number, state) in states.enumerated() {
                jobs.append(try await probe.job(state, queue: number < 6 ? nil : "late"))
                probe.clock.advance(by: .milliseconds(1))
            }
            func latest(_ numbers: [Int]) -> [JobID] { numbers.map { jobs[$0] } }
            try probe.requireJobs(try await probe.jobs(), jobs.reversed(), "all jobs")
            for (state, numbers) in [(JobState.ready, [7, 0]), (.dead, [6, 3]), (.leased, [2]), (.scheduled, [4])] {
                let found = try await probe.jobs(JobQuery(states: [state]))
                try probe.requireJobs(found, latest(numbers), "what is \(state)")
            }
            let settled = try await probe.jobs(JobQuery(states: [.finished, .dead, .held]))
            try probe.requireJobs(settled, latest([6, 5, 3, 1]), "what is settled")
            let late = try await probe.jobs(JobQuery(queues: ["late", "never"]))
            try probe.requireJobs(late, latest([7, 6]), "what is in one queue")
            let both = try await probe.jobs(JobQuery(states: [.dead], queues: ["late"]))
            try probe.requireJobs(both, latest([6]), "what is dead in one queue")
            let none = try await probe.jobs(JobQuery(queues: ["never"]))
            try probe.requireJobs(none, [], "what is in a queue that never was")
        },
        BrokerClause("A list comes in pages that hold each job once") { probe in
            _ = try probe.administration
            let jobs = try await probe.submit((0..<7).map { _ in probe.submission() })
            for limit in [1, 2, 3, 7, 8] {
                let found = try await probe.jobs(JobQuery(limit: limit))
                try probe.requireJobs(found, jobs.reversed(), "all jobs in pages of \(limit)")
            }
        },
        BrokerClause("Pages stay good while jobs come and go") { probe in
            let administration = try probe.administration
            let jobs = try await probe.submit((0..<6).map { _ in probe.submission() })
            let first = try await administration.jobs(matching: JobQuery(limit: 2))
            try probe.requireJobs(first.jobs.map(\.id), [jobs[5], jobs[4]], "the first page")
            _ = try await administration.cancel([jobs[4], jobs[5], jobs[2]], reason: "not wanted")
            _ = try await administration.forget([jobs[4], jobs[5], jobs[2]], in: [.dead])
            try await probe.submit(probe.submission(), probe.submission(), probe.submission())
            try probe.require(first.next != nil, "there was no second page")
            let rest = try await probe.jobs(JobQuery(limit: 2, after: first.next))
            try probe.requireJobs(rest, [jobs[3], jobs[1], jobs[0]], "the rest")
        },
        BrokerClause("A job is listed by where it stands now") { probe in
            _ = try probe.administration
            let job = try await probe.submit(probe.submission(delay: .seconds(5)))
            try probe.requireJobs(try await probe.jobs(JobQuery(states: [.scheduled])), job, "what is scheduled")
            probe.pass(5)
            try probe.requireJobs(try await probe.jobs(JobQuery(states: [.scheduled])), [], "what is scheduled later")
            try probe.requireJobs(try await probe.jobs(JobQuery(states: [.ready])), job, "what is ready later")
        },
    ]
}

import Mailroom

extension BrokerContract {
    static let sharing: [BrokerClause] = [
        BrokerClause("A job submitted to one broker of a store is leased from another, and settled there") { probe in
            let second = try probe.second
            let submission = probe.submission()
            try await probe.submit(submission)
            let leases = try await second.lease(LeaseRequest(limit: 10, worker: "there"))
            try probe.requireJobs(leases.map(\.id.job), [submission.id], "what the other leased")
            try probe.requireWhole(leases[0].submission, submission)
            try await probe.requireNoneDue("while another broker's worker has it")
            let results = try await second.settle([probe.settlement(leases[0], .finished, [ann: .accepted])])
            try probe.requireEqual(results, [.settled(.finished)], "the answer there")
            try await probe.requireNoneDue("after it was finished there")
        },
        BrokerClause("Each job goes to one of two brokers, in the order of their submission") { probe in
            let second = try probe.second
            var jobs: [JobID] = []
            for number in 0..<6 {
                jobs += try await probe.submit([probe.submission()], to: number % 2 == 0 ? probe.broker : second)
            }
            var taken: [JobID] = []
            for number in 0..<3 {
                let request = LeaseRequest(limit: 2, worker: "w")
                taken += try await (number % 2 == 0 ? second : probe.broker).lease(request).map(\.id.job)
            }
            try probe.requireJobs(taken, jobs, "what both leased in turn")
        },
        BrokerClause("A call that waits at one broker is answered by what happens at another") { probe in
            let second = try probe.second
            let waiting = await probe.waitForJobs(worker: "there", on: second)
            let job = try await probe.submit(probe.submission())
            let leases = try await probe.answer(waiting, "after a job was submitted to another broker")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
            let here = await probe.waitForJobs()
            _ = try await second.settle([Settlement(leases[0].id, next: .release)])
            let again = try await probe.answer(here, "after another broker's worker gave the job back")
            try probe.requireJobs(again.map(\.id.job), job, "the answer here")
        },
        BrokerClause("A lease from one broker can be extended and settled at another") { probe in
            let second = try probe.second
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            probe.pass(20)
            let lost = try await second.extend([lease.id], by: .seconds(30))
            try probe.requireEqual(lost, [], "what was lost")
            probe.pass(20)
            try await probe.requireNoneDue("within the extension")
            let results = try await second.settle([probe.settlement(lease, .finished, [ann: .accepted])])
            try probe.requireEqual(results, [.settled(.finished)], "the answer")
        },
        BrokerClause("A lease that runs out at one broker is taken over at another, and lost at the first") { probe in
            let second = try probe.second
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            probe.pass(30)
            let taken = try await second.lease(LeaseRequest(worker: "there"))
            try probe.requireJobs(taken.map(\.id.job), [lease.id.job], "what the other leased")
            try probe.requireEqual(taken.map(\.attempt), [2], "the attempt")
            try probe.require(taken[0].id != lease.id, "both leases have one identity")
            let lost = try await probe.broker.extend([lease.id], by: .seconds(30))
            try probe.requireEqual(lost, [lease.id], "what was lost")
            let result = try await probe.settle(lease, .finished, [ann: .accepted])
            try probe.requireEqual(result, .leaseLost, "the answer to the first worker")
        },
        BrokerClause("Keys and ids guard across brokers") { probe in
            let second = try probe.second
            let first = probe.submission(key: "k")
            try await probe.submit(first)
            let answers = try await second.enqueue([first, probe.submission(key: "k")])
            try probe.requireEqual(
                answers, [.duplicate(of: first.id), .duplicate(of: first.id)], "the other broker's answer")
            do {
                _ = try await second.enqueue([probe.submission(key: "k", content: 9)])
                try probe.require(false, "the key with other content was taken by the other broker")
            } catch let error as BrokerError {
                try probe.requireEqual(error.code, .conflict, "the other broker's error")
            }
            try await probe.requireLeased([first.id], "what is to be done")
        },
        BrokerClause("Many submissions of one key to two brokers at once make one job") { probe in
            let brokers = [probe.broker, try probe.second]
            let submissions = (0..<20).map { _ in probe.submission(key: "k") }
            let answers = try await withThrowingTaskGroup(of: [Admission].self) { group in
                for (number, submission) in submissions.enumerated() {
                    group.addTask { try await brokers[number % 2].enqueue([submission]) }
                }
                return try await group.reduce(into: [Admission]()) { $0 += $1 }
            }
            try probe.requireEqual(Set(answers.map(\.jobID)).count, 1, "the number of jobs answered")
            let queued = answers.filter { if case .queued = $0 { true } else { false } }
            try probe.requireEqual(queued.count, 1, "how many were new")
            try probe.requireEqual(try await probe.lease().count, 1, "the number of jobs")
        },
        BrokerClause("Counts, lists and records tell of what other brokers did") { probe in
            guard let second = try probe.second as? any BrokerAdministration & SendRecords else {
                throw BrokerProbe.NotApplicable()
            }
            let jobs = try await probe.submit(probe.submission(), probe.submission())
            let lease = try await probe.leaseNext(worker: "here")
            try probe.requireEqual(
                try await second.counts().map(\.jobs), [[.ready: 1, .leased: 1]], "the counts there")
            try await probe.end(lease, as: .dead)
            probe.pass(1)
            let revived = try await second.retry([jobs[0]])
            try probe.requireJobs(revived, [jobs[0]], "what was made ready again there")
            let states = try await second.records(of: jobs).map { $0?.state }
            try probe.requireEqual(states, [.ready, .ready], "the states there")
            try await probe.requireLeased([jobs[1], jobs[0]], "what is to be done here")
        },
        BrokerClause("Workers of other brokers are listed, with their jobs") { probe in
            guard let second = try probe.second as? any BrokerAdministration else { throw BrokerProbe.NotApplicable() }
            let job = try await probe.submit(probe.submission())
            _ = try await probe.lease(worker: "here")
            let leased = try await second.leasedJobs()
            try probe.requireJobs(leased.map(\.job.id), job, "the jobs in hand")
            try probe.requireEqual(leased.map(\.worker), ["here"], "who has a job")
            try probe.requireEqual(try await second.workers().map(\.name), ["here"], "the workers")
        },
        BrokerClause("Events tell of what other brokers did, and a cursor of one is good at the other") { probe in
            guard let second = try probe.second as? any EventFeed else { throw BrokerProbe.NotApplicable() }
            let start = try await probe.feed.latestEvent()
            let waiting = await probe.waitForEvents(after: start, on: second)
            let job = try await probe.submit(probe.submission())
            let batch = try await probe.answer(waiting, "after a job was submitted to another broker")
            try probe.requireJobs(batch.events.map(\.job), job, "what was told there")
            try await probe.requireEvents([.retrying], "what was done there") {
                let leases = try await second.lease(LeaseRequest(worker: "there"))
                try probe.requireJobs(leases.map(\.id.job), job, "what the other leased")
                _ = try await second.settle([
                    probe.settlement(leases[0], .retry(notBefore: probe.after(.seconds(1))), [ann: .refusedForNow])
                ])
            }
            try probe.requireEqual(
                try await probe.events(after: batch.next).map(\.kind), [.retrying],
                "what was told after the other's place")
        },
    ]
}

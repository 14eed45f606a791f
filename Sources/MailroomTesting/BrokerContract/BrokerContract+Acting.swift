import Mailroom

extension BrokerContract {
    static let acting: [BrokerClause] = [
        BrokerClause("Only what nobody holds and nothing has settled is cancelled") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in JobState.allCases { jobs.append(try await probe.job(state)) }
            let stranger = probe.submission().id
            let ended = try await administration.cancel(jobs + [stranger], reason: "not wanted")
            try probe.requireJobs(ended, Array(jobs[..<2]), "what was ended of all states")
            let again = try await administration.cancel(jobs, reason: "not wanted")
            try probe.requireJobs(again, [], "what was ended again")
            let states = try await administration.jobs(matching: JobQuery()).jobs.map(\.state)
            try probe.requireEqual(states.reversed(), [.dead, .dead, .leased, .finished, .dead, .held], "the states")
        },
        BrokerClause("A cancelled job is handed out to nobody; one in hand goes its way") { probe in
            let administration = try probe.administration
            let jobs = try await probe.submit(
                probe.submission(), probe.submission(), probe.submission(delay: .seconds(1)))
            let lease = try await probe.leaseNext()
            _ = try await administration.cancel(jobs, reason: "not wanted")
            probe.pass(1)
            try await probe.requireNoneDue("after it was cancelled")
            try await probe.end(lease, as: .finished)
        },
        BrokerClause("A cancelled job is dead on record, with the reason") { probe in
            let (administration, _) = (try probe.administration, try probe.records)
            let job = try await probe.job(.ready, to: [ann, bob])
            probe.pass(1)
            _ = try await administration.cancel([job], reason: "not “wanted”\nany more")
            let record = try await probe.record(job)
            try probe.requireEqual(record.state, .dead, "the state")
            try probe.requireEqual(record.error, "not “wanted”\nany more", "the error")
            try probe.requireEqual(record.recipients.map(\.status), [.failed, .failed], "the recipients")
            try probe.requireEqual(record.updatedAt, probe.clock.now(), "when it was cancelled")
        },
        BrokerClause("Acting on no job does nothing") { probe in
            let administration = try probe.administration
            _ = (try await probe.job(.dead), try await probe.job(.ready))
            let ended = try await administration.cancel([], reason: "none")
            let revived = try await administration.retry([])
            let removed = try await administration.forget([], in: Set(JobState.allCases))
            try probe.requireJobs(ended + revived + removed, [], "what was acted on")
            let unsaid = try await administration.forget(try await probe.jobs(), in: [])
            try probe.requireJobs(unsaid, [], "what was removed in no state")
            let pruned = try await administration.prune(settledBefore: probe.after(.seconds(1)), states: [])
            try probe.requireEqual(pruned, 0, "what was pruned in no state")
            try probe.requireEqual(try await probe.jobs().count, 2, "the number of jobs")
        },
    ]

    static let reviving: [BrokerClause] = [
        BrokerClause("A person's retry owes the message to whoever did not get it, from attempt 1") { probe in
            let administration = try probe.administration
            let submission = probe.submission(to: [ann, bob, cat])
            try await probe.submit(submission)
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            try await probe.settle(
                try await probe.leaseOne(), .dead, [ann: .accepted, bob: .refused, cat: .unknown])
            probe.pass(60)
            let revived = try await administration.retry([submission.id])
            try probe.requireJobs(revived, [submission.id], "what was made ready again")
            let lease = try await probe.leaseOne("after a person's retry")
            try probe.requireEqual(lease.attempt, 1, "the attempt")
            try probe.requireEqual(lease.recipients.map(\.status), [.sent, .pending, .pending], "the statuses")
            try probe.requireContent(lease.submission, submission)
            try probe.require(lease.isRevived, "it is not told that a person retried it")
            try probe.require(!lease.earlierAttemptLost, "an attempt counts as lost")
        },
        BrokerClause("A person's retry is done to dead and held jobs only, each by itself") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in JobState.allCases { jobs.append(try await probe.job(state)) }
            let stranger = probe.submission().id
            let revived = try await administration.retry([stranger] + jobs.reversed())
            try probe.requireJobs(revived, [jobs[5], jobs[4]], "what was made ready again of all states")
            let again = try await administration.retry(jobs)
            try probe.requireJobs(again, [], "what was made ready again at once")
            let states = try await administration.jobs(matching: JobQuery()).jobs.map(\.state)
            try probe.requireEqual(
                states.reversed(), [.scheduled, .ready, .leased, .finished, .ready, .ready], "the states")
        },
        BrokerClause("A person's retry gives a job its whole time again") { probe in
            let administration = try probe.administration
            let submission = probe.submission(expiresAfter: .seconds(100))
            try await probe.submit(submission)
            probe.pass(100)
            try await probe.requireNoneDue("after its expiry")
            probe.pass(1000)
            _ = try await administration.retry([submission.id])
            probe.pass(99)
            let lease = try await probe.leaseOne("99 s after a person's retry")
            try await probe.settle(lease, .release)
            probe.pass(1)
            try await probe.requireNoneDue("100 s after a person's retry")
        },
        BrokerClause("A retried job may render otherwise: the fingerprint is forgotten") { probe in
            let administration = try probe.administration
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            let (old, new) = (Fingerprint(rawValue: 1), Fingerprint(rawValue: 2))
            try await probe.settle(lease, .held, [ann: .unknown], reason: "in doubt", fingerprint: old)
            _ = try await administration.retry([lease.id.job])
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.fingerprint, nil, "the fingerprint told")
            try await probe.settle(
                second, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow], fingerprint: new)
            let third = try await probe.leaseOne()
            try probe.requireEqual(third.fingerprint, new, "the fingerprint told then")
            try probe.requireEqual(third.attempt, 2, "the attempt")
            try probe.require(third.isRevived, "it is not told later that a person retried it")
        },
        BrokerClause("Doubt is not forgotten by a person's retry: who is accepted then may have it twice") { probe in
            let administration = try probe.administration
            try await probe.submit(probe.submission(to: [ann, bob]))
            let lease = try await probe.leaseOne()
            try await probe.settle(lease, .held, [ann: .unknown, bob: .refused], reason: "in doubt")
            _ = try await administration.retry([lease.id.job])
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)), [ann: .accepted, bob: .accepted])
            let next = try await probe.leaseOne()
            try probe.requireEqual(
                next.recipients.map(\.isPossibleDuplicate), [true, false], "who may have it twice")
        },
        BrokerClause("A retried job stands in line as of its retry") { probe in
            let administration = try probe.administration
            let dead = try await probe.job(.dead, queue: .default)
            let waiting = try await probe.submit(probe.submission())
            probe.pass(1)
            _ = try await administration.retry([dead])
            try await probe.requireLeased(waiting + [dead], "the order")
        },
    ]

    static let removing: [BrokerClause] = [
        BrokerClause("Jobs are forgotten in the states that are named, and never in a worker's hands") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in JobState.allCases { jobs.append(try await probe.job(state)) }
            let stranger = probe.submission().id
            let some = try await administration.forget([stranger] + jobs, in: [.finished, .scheduled, .leased])
            try probe.requireJobs(some, [jobs[0], jobs[3]], "what was removed of three states")
            let rest = try await administration.forget(jobs, in: Set(JobState.allCases))
            try probe.requireJobs(rest, [jobs[1], jobs[4], jobs[5]], "what was removed of all states")
            try probe.requireJobs(try await probe.jobs(), [jobs[2]], "what is left")
        },
        BrokerClause("A forgotten job is handed out to nobody, and settling it is answered so") { probe in
            let administration = try probe.administration
            try await probe.submit(probe.submission(), probe.submission())
            let lease = try await probe.leaseNext()
            try await probe.settle(lease, .retry(notBefore: probe.after(.seconds(1))), [ann: .refusedForNow])
            let removed = try await administration.forget(try await probe.jobs(), in: [.ready, .scheduled])
            try probe.requireEqual(removed.count, 2, "the number of jobs removed")
            probe.pass(1)
            try await probe.requireNoneDue("after it was removed")
            let result = try await probe.settle(lease, .finished, [ann: .accepted])
            try probe.requireEqual(result, .unknownJob, "the answer to a settlement")
        },
        BrokerClause("Forgetting a job frees its key") { probe in
            let administration = try probe.administration
            let jobs = [try await probe.job(.ready, key: "k"), try await probe.job(.finished, key: "l")]
            _ = try await administration.forget(jobs, in: [.ready, .finished])
            try await probe.submit(probe.submission(key: "k"), probe.submission(key: "l", content: 9))
        },
        BrokerClause("Pruning removes old settled jobs, but none whose key lives") { probe in
            let administration = try probe.administration
            let keyed = try await probe.job(.finished, key: "k")
            _ = try await probe.job(.finished)
            probe.pass(10)
            let first = try await administration.prune(settledBefore: probe.clock.now(), states: [.finished])
            try probe.requireEqual(first, 1, "the number removed while the key lives")
            let answer = try await probe.enqueue(probe.submission(key: "k"))
            try probe.requireEqual(answer, [.duplicate(of: keyed)], "the answer to the living key")
            probe.pass(50)
            let second = try await administration.prune(settledBefore: probe.clock.now(), states: [.finished])
            try probe.requireEqual(second, 1, "the number removed after that")
            try await probe.submit(probe.submission(key: "k"))
        },
        BrokerClause("Pruning takes what was settled before a time, in the states that are named") { probe in
            let administration = try probe.administration
            let states: [JobState] = [.finished, .dead, .held, .ready, .scheduled, .leased]
            var old: [JobID] = []
            for state in states { old.append(try await probe.job(state)) }
            probe.pass(1)
            let limit = probe.clock.now()
            let new = try await probe.job(.finished)
            let finished = try await administration.prune(settledBefore: limit, states: [.finished, .ready, .leased])
            try probe.requireEqual(finished, 1, "the number of finished jobs removed")
            try probe.requireJobs(try await probe.jobs(), [new] + old[1...].reversed(), "what is left")
            let rest = try await administration.prune(settledBefore: limit, states: Set(JobState.allCases))
            try probe.requireEqual(rest, 2, "the number of others removed")
            try probe.requireJobs(try await probe.jobs(), [new] + old[3...].reversed(), "what is left then")
        },
    ]
}

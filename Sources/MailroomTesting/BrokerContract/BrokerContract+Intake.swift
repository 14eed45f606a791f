import Mailroom

extension BrokerContract {
    static let intake: [BrokerClause] = [
        BrokerClause("Jobs come back whole and in the order of their submission") { probe in
            var first = probe.submission(to: [ann, bob], tags: ["club": "É"])
            first.attachments = [Attachment.Content([1, 2, 3]), Attachment.Content([])]
            let second = probe.submission(content: 7)
            let answers = try await probe.enqueue(first, second)
            try probe.requireEqual(answers, [.queued(first.id), .queued(second.id)], "the answer")
            let leases = try await probe.lease()
            try probe.requireJobs(leases.map(\.id.job), [first.id, second.id], "the order")
            try probe.requireWhole(leases[0].submission, first)
            try probe.requireWhole(leases[1].submission, second)
            try probe.requireEqual(leases[0].recipients.map(\.status), [.pending, .pending], "the statuses")
            try probe.requireEqual(leases.map(\.attempt), [1, 1], "the attempt")
            try probe.requireEqual(leases.map(\.earlierAttemptLost), [false, false], "whether an attempt was lost")
            try probe.requireEqual(leases.map(\.isRevived), [false, false], "whether a person retried it")
        },
        BrokerClause("Everything of a submission comes back: channel, policy, times, names and roles") { probe in
            var submission = probe.submission(delay: .milliseconds(1), expiresAfter: .milliseconds(86_400_007))
            submission.channel = Channel(rawValue: "pigeon")
            submission.recipients = [
                Recipient(channel: submission.channel, address: "loft 1", name: "Ann \"A\" <x>", role: .cc),
                Recipient(channel: submission.channel, address: "loft 2", role: .bcc),
            ]
            submission.utcOffsetMinutes = -570
            submission.retryPolicy = "patient"
            submission.idempotency = .init(
                key: "k", lifetime: .milliseconds(1500), fingerprint: Fingerprint(rawValue: .max))
            try await probe.submit(submission)
            probe.pass(1)
            try probe.requireWhole(try await probe.leaseOne().submission, submission)
        },
        BrokerClause("Offering a submission again never makes a second job") { probe in
            let submission = probe.submission()
            try await probe.submit(submission)
            let again = try await probe.enqueue(submission, submission)
            try probe.requireEqual(again, [.duplicate(of: submission.id), .duplicate(of: submission.id)], "the answer")
            try await probe.requireLeased([submission.id], "what is to be done")
        },
        BrokerClause("The same submission twice in one call makes one job") { probe in
            let (twice, other) = (probe.submission(), probe.submission())
            let answers = try await probe.enqueue(twice, twice, other)
            try probe.requireEqual(
                answers, [.queued(twice.id), .duplicate(of: twice.id), .queued(other.id)], "the answer")
            try await probe.requireLeased([twice.id, other.id], "what is to be done")
        },
        BrokerClause("A submission offered again changes nothing, whatever became of the job") { probe in
            let submission = probe.submission()
            try await probe.submit(submission)
            let lease = try await probe.leaseOne()
            var other = submission
            other.payload = [9]
            let leased = try await probe.enqueue(other)
            try probe.requireEqual(leased, [.duplicate(of: submission.id)], "the answer while it is leased")
            try await probe.settle(lease, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            let second = try await probe.leaseOne("after the retry")
            try probe.requireEqual(second.submission.payload, submission.payload, "the payload")
            try await probe.end(second, as: .finished)
            let finished = try await probe.enqueue(submission)
            try probe.requireEqual(finished, [.duplicate(of: submission.id)], "the answer after it is finished")
            try await probe.requireNoneDue("after it was finished and offered again")
        },
        BrokerClause("Calls with nothing in them do nothing") { probe in
            let admissions = try await probe.broker.enqueue([])
            try probe.requireEqual(admissions, [], "the answer to no submission")
            let lost = try await probe.broker.extend([], by: .seconds(1))
            try probe.requireEqual(lost, [], "what was lost of no lease")
            let results = try await probe.broker.settle([])
            try probe.requireEqual(results, [], "the answer to no settlement")
            let submission = probe.submission()
            try await probe.submit(submission)
            try await probe.requireLeased([submission.id], "what is to be done")
        },
        BrokerClause("A thousand submissions, leases, extensions and settlements go in one call each, in order") {
            probe in
            let submissions = (0..<1000).map { _ in probe.submission() }
            try await probe.submit(submissions)
            let leases = try await probe.lease(1000)
            try probe.requireJobs(leases.map(\.id.job), submissions.map(\.id), "the order")
            let lost = try await probe.broker.extend(leases.map(\.id), by: .seconds(60))
            try probe.requireEqual(lost.count, 0, "the number of lost leases")
            let results = try await probe.settle(leases.map { probe.settlement($0, .finished, [ann: .accepted]) })
            try probe.require(
                results.allSatisfy { $0 == .settled(.finished) }, "the answers were not all that it is finished")
            try await probe.requireNoneDue("after all was finished")
        },
    ]

    static let keys: [BrokerClause] = [
        BrokerClause("A key answers with its job until its lifetime after settlement is over") { probe in
            let first = probe.submission(key: "k")
            try await probe.submit(first)
            try await probe.requireTaken("k", by: first.id, "while it waits")
            let lease = try await probe.leaseOne()
            try await probe.requireTaken("k", by: first.id, "while it is leased")
            probe.pass(20)
            try await probe.end(lease, as: .finished)
            probe.pass(59)
            try await probe.requireTaken("k", by: first.id, "59 s after its settlement")
            probe.pass(1)
            try await probe.submit(probe.submission(key: "k"))
        },
        BrokerClause("A key lives while its job is unsettled, however long that takes") { probe in
            let first = probe.submission(expiresAfter: .seconds(864_000), key: "k")
            try await probe.submit(first)
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.seconds(500))), [ann: .refusedForNow])
            probe.pass(450)
            try await probe.requireTaken("k", by: first.id, "while it waits for its second attempt")
            probe.pass(50)
            _ = try await probe.leaseOne("after the retry")
            try await probe.requireTaken("k", by: first.id, "during its second attempt")
        },
        BrokerClause("A key's lifetime begins at a settlement of any kind") { probe in
            for state in [JobState.finished, .dead, .held] {
                let job = try await probe.job(state, key: "\(state)")
                probe.pass(59)
                try await probe.requireTaken("\(state)", by: job, "59 s after its job became \(state)")
                probe.pass(1)
                try await probe.submit(probe.submission(key: "\(state)"))
            }
        },
        BrokerClause("A key with other content refuses the whole call, and nothing of it is stored") { probe in
            let first = probe.submission(key: "k")
            try await probe.submit(first)
            let (before, after) = (probe.submission(), probe.submission(key: "other"))
            try await probe.requireConflict([before, probe.submission(key: "k", content: 1), after])
            try await probe.requireLeased([first.id], "what is to be done")
            try await probe.submit(before, after)
        },
        BrokerClause("A key twice in one call makes one job; with two contents it refuses the call") { probe in
            let (first, second) = (probe.submission(key: "k"), probe.submission(key: "k"))
            let answers = try await probe.enqueue(first, second)
            try probe.requireEqual(answers, [.queued(first.id), .duplicate(of: first.id)], "the answer")
            try await probe.requireConflict([probe.submission(key: "l"), probe.submission(key: "l", content: 1)])
            try await probe.requireLeased([first.id], "what is to be done")
        },
        BrokerClause("A key offered by many tasks at once makes one job") { probe in
            let broker = probe.broker
            let submissions = (0..<20).map { _ in probe.submission(key: "k") }
            let answers = try await withThrowingTaskGroup(of: [Admission].self) { group in
                for submission in submissions { group.addTask { try await broker.enqueue([submission]) } }
                return try await group.reduce(into: [Admission]()) { $0 += $1 }
            }
            let queued = answers.filter { if case .queued = $0 { true } else { false } }
            try probe.requireEqual(queued.count, 1, "how many of 20 were new")
            try probe.requireEqual(Set(answers.map(\.jobID)), Set(queued.map(\.jobID)), "the jobs answered")
            try await probe.requireLeased(queued.map(\.jobID), "what is to be done")
        },
        BrokerClause("Keys that differ in anything are different keys") { probe in
            let keys = ["k", "K", " k", "k ", "k\0", "é", "e"]
            let submissions = keys.map { probe.submission(key: $0) }
            try await probe.submit(submissions)
            try await probe.requireLeased(submissions.map(\.id), "what is to be done")
        },
    ]
}

extension BrokerProbe {
    fileprivate func requireTaken(_ key: String, by job: JobID, _ moment: String) async throws {
        let answer = try await enqueue(submission(key: key))
        try requireEqual(answer, [.duplicate(of: job)], "the answer to the same key \(moment)")
    }

    fileprivate func requireConflict(_ submissions: [Submission]) async throws {
        do {
            let answers = try await broker.enqueue(submissions)
            try require(false, "one key with two contents was answered \(answers)")
        } catch let error as BrokerError {
            try requireEqual(error.code, .conflict, "the error of one key with two contents")
            try require(!error.mayHaveStored, "the error leaves in doubt whether something was stored")
        }
    }

    func requireWhole(_ seen: Submission, _ promised: Submission) throws {
        try requireEqual(seen.id, promised.id, "the id")
        try requireEqual(seen.queue, promised.queue, "the queue")
        try requireEqual(seen.channel, promised.channel, "the channel")
        try requireEqual(seen.messageID, promised.messageID, "the Message-ID")
        try requireEqual(seen.recipients, promised.recipients, "the recipients")
        try requireTime(seen.createdAt, promised.createdAt, "the time of submission")
        try requireEqual(seen.utcOffsetMinutes, promised.utcOffsetMinutes, "the offset from UTC")
        try requireTime(seen.notBefore, promised.notBefore, "when it is due")
        try requireTime(seen.expiresAt, promised.expiresAt, "when it expires")
        try requireEqual(seen.idempotency, promised.idempotency, "the idempotency key")
        try requireEqual(seen.retryPolicy, promised.retryPolicy, "the retry policy")
        try requireEqual(seen.tags, promised.tags, "the tags")
        try requireContent(seen, promised)
    }

    func requireContent(_ seen: Submission, _ promised: Submission) throws {
        try requireBytes(seen.payload, promised.payload, "the payload")
        try requireEqual(seen.attachments.count, promised.attachments.count, "the number of attachments")
        for (one, other) in zip(seen.attachments, promised.attachments) {
            try requireBytes(one.bytes, other.bytes, "an attachment")
            try requireEqual(one.digest, other.digest, "an attachment's digest")
        }
    }

    /// Without printing a megabyte.
    private func requireBytes(_ seen: [UInt8], _ promised: [UInt8], _ what: String) throws {
        if seen == promised { return }
        let place = zip(seen, promised).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        try require(
            false,
            "\(what) had \(seen.count) bytes of \(promised.count), and differed at \(place ?? min(seen.count, promised.count))"
        )
    }
}

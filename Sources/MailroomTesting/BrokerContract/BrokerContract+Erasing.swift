import Mailroom

extension BrokerContract {
    static let erasing: [BrokerClause] = [
        BrokerClause("Erasing a sole recipient removes the job, sent or not, but none in a worker's hands") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in JobState.allCases { jobs.append(try await probe.job(state, to: ["Ann@Example.org"])) }
            let other = try await probe.job(.ready, to: [bob])
            let erasure = try await administration.erase(recipient: "ann@example.ORG")
            try probe.requireEqual(erasure, Erasure(removed: 5, remaining: [jobs[2]]), "what was done")
            try probe.requireJobs(try await probe.jobs(), [other, jobs[2]], "what is left")
        },
        BrokerClause("Erasing a recipient of settled jobs leaves the records of the others, without content") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in [JobState.finished, .dead, .held] {
                jobs.append(try await probe.job(state, to: [bob, ann, cat]))
            }
            let erasure = try await administration.erase(recipient: ann)
            try probe.requireEqual(erasure, Erasure(redacted: 3), "what was done")
            let left = try await administration.jobs(matching: JobQuery()).jobs
            try probe.requireJobs(left.map(\.id), jobs.reversed(), "what is left")
            try probe.requireEqual(left.map(\.state), [.held, .dead, .finished], "the states")
            for job in left {
                try probe.requireEqual(job.recipients.map(\.recipient.address), [bob, cat], "who is on record")
            }
            let revived = try await administration.retry(jobs)
            try probe.requireJobs(revived, [], "what was made ready again without content")
            try await probe.requireCounts([:], "after that")
        },
        BrokerClause("Jobs that wait with others on them, or are in hand, are left and answered") { probe in
            let administration = try probe.administration
            var jobs: [JobID] = []
            for state in [JobState.leased, .scheduled, .ready] {
                jobs.append(try await probe.job(state, to: [ann, bob], queue: .default))
            }
            let erasure = try await administration.erase(recipient: ann)
            try probe.requireEqual(Set(erasure.remaining), Set(jobs), "what remains")
            try probe.requireEqual([erasure.removed, erasure.redacted], [0, 0], "what was removed or redacted")
            probe.pass(9)
            for lease in try await probe.lease() { try await probe.end(lease, as: .finished) }
            let later = try await administration.erase(recipient: ann)
            try probe.require(later.redacted >= 2, "\(later.redacted) jobs were redacted when they were settled, not 2")
        },
        BrokerClause("An address that is part of another is another") { probe in
            let administration = try probe.administration
            let job = try await probe.job(.finished, to: ["joann@example.org", "ann@example.org.uk"])
            let erasure = try await administration.erase(recipient: ann)
            try probe.requireEqual(erasure, Erasure(), "what was done")
            try probe.requireJobs(try await probe.jobs(), [job], "what is left")
        },
        BrokerClause("Nothing that is kept names an erased recipient: no record, tag, error or key") { probe in
            let (administration, _) = (try probe.administration, try probe.records)
            var submission = probe.submission(
                to: [ann, bob], key: "welcome Ann@example.org",
                tags: ["to": ann.uppercased(), ann: "1", "club": "x"])
            submission.messageID = "1@example.org"
            try await probe.submit(submission)
            let lease = try await probe.leaseOne()
            let reply = Reply(code: 550, text: "no Ann@Example.org here")
            let report = DeliveryReport(all: lease.submission.recipients, .refused, reply: reply)
            _ = try await probe.settle([Settlement(lease.id, report: report, next: .dead, reason: "550 to \(ann)")])
            let erasure = try await administration.erase(recipient: ann)
            try probe.requireEqual(erasure, Erasure(redacted: 1), "what was done")
            var words = ""
            dump(try await probe.record(submission.id), to: &words)
            let left = words.lowercased().split(separator: "\n").filter { $0.contains(ann) }
            try probe.require(left.isEmpty, "the record still names it: \(left.joined())")
            try probe.requireEqual(try await probe.record(submission.id).tags["club"], "x", "a tag that names nobody")
            try await probe.submit(probe.submission(key: "welcome Ann@example.org", content: 9))
        },
        BrokerClause("Nothing is found of an erased recipient, and all of the others") { probe in
            let (administration, records) = (try probe.administration, try probe.records)
            _ = try await probe.job(.finished, to: [ann])
            _ = try await probe.job(.finished, to: [ann, bob])
            _ = try await administration.erase(recipient: ann)
            try probe.requireEqual(try await probe.sends(SendQuery(recipient: ann)), [], "the sends to it")
            let counts = try await records.sendCounts(matching: SendQuery(recipient: ann)).filter { $0.value > 0 }
            try probe.requireEqual(counts, [:], "how many sends there are to it")
            try probe.requireEqual(try await probe.sends(SendQuery()), [bob], "all sends")
        },
        BrokerClause("The key of a redacted job that names nobody lives on") { probe in
            let administration = try probe.administration
            let job = try await probe.job(.finished, to: [ann, bob], key: "k")
            _ = try await administration.erase(recipient: ann)
            let answer = try await probe.enqueue(probe.submission(key: "k"))
            try probe.requireEqual(answer, [.duplicate(of: job)], "the answer to the same key")
        },
    ]
}

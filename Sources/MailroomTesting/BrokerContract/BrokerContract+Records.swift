import Mailroom

extension BrokerContract {
    static let records: [BrokerClause] = [
        BrokerClause("Records are answered in the order that was asked for, nil for who is unknown") { probe in
            let records = try probe.records
            let jobs = try await probe.submit(probe.submission(), probe.submission())
            let asked = [jobs[1], probe.submission().id, jobs[0], jobs[1]]
            let found = try await records.records(of: asked)
            try probe.requireEqual(found.map { $0?.id }, [jobs[1], nil, jobs[0], jobs[1]], "the records")
            try probe.requireEqual(try await records.records(of: []).count, 0, "the number of records of no job")
        },
        BrokerClause("A record says where a job stands from its submission on") { probe in
            _ = try probe.records
            var submission = probe.submission(
                to: [ann, bob], queue: "letters", delay: .seconds(5), tags: ["club": "x", "": ""])
            submission.recipients[1] = .bcc(bob)
            try await probe.submit(submission)
            probe.pass(1)
            let record = try await probe.record(submission.id)
            try probe.requireEqual(record.queue, "letters", "the queue")
            try probe.requireEqual(record.channel, .email, "the channel")
            try probe.requireEqual(record.messageID, submission.messageID, "the Message-ID")
            try probe.requireEqual(record.tags, submission.tags, "the tags")
            try probe.requireEqual(record.state, .scheduled, "the state")
            try probe.requireEqual(record.attempts, 0, "the number of attempts")
            try probe.requireEqual(record.createdAt, submission.createdAt, "when it was submitted")
            try probe.requireEqual(record.updatedAt, submission.createdAt, "when it was acted on")
            try probe.requireEqual(record.notBefore, submission.notBefore, "when it is due")
            try probe.requireEqual(record.error, nil, "the error")
            try probe.requireEqual(
                record.recipients, submission.recipients.map { RecipientRecord($0, at: submission.createdAt) },
                "the recipients")
        },
        BrokerClause("A record tells each recipient's status, reply, route, remote id and times") { probe in
            _ = try probe.records
            try await probe.submit(probe.submission(to: [ann, bob, cat]))
            let lease = try await probe.leaseOne()
            probe.pass(3)
            let first = probe.clock.now()
            let refusal = Reply(code: 450, enhancedStatus: "4.2.1", text: "mailbox\nbusy")
            let report = DeliveryReport([
                RecipientOutcome(recipient: ann, status: .accepted, route: "smtp:a", remoteID: "id é"),
                RecipientOutcome(recipient: bob, status: .refusedForNow, reply: refusal, route: "smtp:b"),
            ])
            let settlement = Settlement(
                lease.id, report: report, next: .retry(notBefore: probe.after(.seconds(2))), reason: "busy")
            _ = try await probe.settle([settlement])
            let record = try await probe.record(lease.id.job)
            try probe.requireEqual(record.state, .scheduled, "the state")
            try probe.requireEqual(record.updatedAt, first, "when it was settled")
            try probe.requireEqual(record.notBefore, probe.after(.seconds(2)), "when it is due")
            let people = record.recipients
            try probe.requireEqual(people.map(\.status), [.sent, .pending, .pending], "the statuses")
            try probe.requireEqual(people.map(\.error), [nil, refusal.description, nil], "the errors")
            try probe.requireEqual(people.map(\.route), ["smtp:a", "smtp:b", ""], "the routes")
            try probe.requireEqual(people.map(\.remoteID), ["id é", nil, nil], "the remote ids")
            try probe.requireEqual(people.map(\.sentAt), [first, nil, nil], "when it was sent")
            try probe.requireEqual(
                people.map(\.updatedAt), [first, first, record.createdAt], "when each was heard of last")
        },
        BrokerClause("What was sent keeps its time and route; who is accepted later loses the error") { probe in
            _ = try probe.records
            try await probe.submit(probe.submission(to: [ann, bob]))
            let sent = probe.clock.now()
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)), [ann: .accepted, bob: .unknown])
            probe.pass(5)
            let lease = try await probe.leaseOne()
            try probe.require(lease.recipients.last?.error != nil, "nothing says why somebody is in doubt")
            try await probe.end(lease, as: .finished)
            let people = try await probe.record(lease.id.job).recipients
            try probe.requireEqual(people.map(\.sentAt), [sent, probe.clock.now()], "when it was sent")
            try probe.requireEqual(people.map(\.error), [nil, nil], "the errors")
        },
        BrokerClause("Sends are listed the latest first, one a recipient") { probe in
            let records = try probe.records
            var (first, second) = (probe.submission(to: [ann, bob]), probe.submission(to: [cat]))
            first.tags = ["n": "1"]
            second.tags = ["n": "2"]
            try await probe.submit(first)
            probe.pass(1)
            try await probe.submit(second, probe.submission(to: [bob]))
            try probe.requireEqual(try await probe.sends(SendQuery()), [bob, cat, ann, bob], "all sends")
            for (limit, promised) in [(3, [bob, cat, ann]), (1, [bob]), (0, [])] {
                try probe.requireEqual(try await probe.sends(SendQuery(limit: limit)), promised, "the latest \(limit)")
            }
            let jobs = try await records.sends(matching: SendQuery()).map(\.job.id)
            try probe.requireJobs(Array(jobs[1...]), [second.id, first.id, first.id], "the jobs of the sends")
        },
        BrokerClause("Sends are found by status, by all of several tags, and by recipient in any case") { probe in
            _ = try probe.records
            var tagged = probe.submission(to: [ann, bob])
            tagged.tags = ["club": "x", "year": "1", "note": ""]
            var other = probe.submission(to: ["Ann@Example.ORG"])
            other.tags = ["club": "x", "year": "2"]
            try await probe.submit(tagged, other, probe.submission(to: [cat]))
            try await probe.settle(try await probe.leaseNext(), .dead, [ann: .accepted, bob: .refused])
            let queries: [(SendQuery, [String])] = [
                (SendQuery(status: .failed), [bob]), (SendQuery(status: .pending), [cat, "Ann@Example.ORG"]),
                (SendQuery(status: .unknown), []), (SendQuery(tags: ["club": "x"]), ["Ann@Example.ORG", ann, bob]),
                (SendQuery(tags: ["club": "x", "year": "1"]), [ann, bob]), (SendQuery(tags: ["note": ""]), [ann, bob]),
                (SendQuery(tags: ["club": "X"]), []), (SendQuery(tags: ["none": ""]), []),
                (SendQuery(recipient: "ANN@example.org"), ["Ann@Example.ORG", ann]), (SendQuery(recipient: "ann"), []),
                (SendQuery(status: .sent, tags: ["club": "x"], recipient: ann), [ann]),
                (SendQuery(limit: 1, recipient: ann), ["Ann@Example.ORG"]),
            ]
            for (query, promised) in queries {
                try probe.requireEqual(try await probe.sends(query), promised, "the sends matching \(query)")
            }
        },
        BrokerClause("Sends are counted by status, whatever the query's limit") { probe in
            let records = try probe.records
            var submission = probe.submission(to: (0..<20).map { "r\($0)@example.org" })
            submission.tags = ["club": "x"]
            try await probe.submit(submission, probe.submission(to: [cat]))
            try await probe.settle(
                try await probe.leaseNext(), .dead, ["r1@example.org": .accepted, "r2@example.org": .unknown])
            func counts(_ query: SendQuery) async throws -> [RecipientRecord.Status: Int] {
                try await records.sendCounts(matching: query).filter { $0.value > 0 }
            }
            try probe.requireEqual(
                try await counts(SendQuery(limit: 2)), [.failed: 18, .sent: 1, .unknown: 1, .pending: 1], "all counts")
            try probe.requireEqual(
                try await counts(SendQuery(limit: 1, tags: ["club": "x"])), [.failed: 18, .sent: 1, .unknown: 1],
                "the counts of a tag")
            try probe.requireEqual(
                try await counts(SendQuery(status: .sent, recipient: "R1@example.org")), [.sent: 1],
                "the counts of one status and recipient")
        },
        BrokerClause("What was removed has no record and no sends") { probe in
            let (records, administration) = (try probe.records, try probe.administration)
            let jobs = [
                try await probe.job(.finished), try await probe.job(.dead), try await probe.job(.held, to: [bob]),
            ]
            _ = try await administration.forget([jobs[1]], in: [.dead])
            probe.pass(1)
            _ = try await administration.prune(settledBefore: probe.clock.now(), states: [.finished])
            let found = try await records.records(of: jobs)
            try probe.requireEqual(found.map { $0?.id }, [nil, nil, jobs[2]], "the records")
            try probe.requireEqual(try await probe.sends(SendQuery()), [bob], "the sends")
        },
    ]
}

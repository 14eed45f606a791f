import Mailroom

extension BrokerContract {
    static let intake = [
        BrokerClause("Jobs come back whole and in the order of their submission") { probe in
            var first = probe.submission()
            first.tags = ["club": "É"]
            first.attachments = [Attachment.Content([1, 2, 3]), Attachment.Content([])]
            let second = probe.submission(content: 7)
            let answers = try await probe.enqueue(first, second)
            try probe.requireEqual(answers, [.queued(first.id), .queued(second.id)], "the answer")
            let leases = try await probe.lease()
            try probe.requireEqual(leases.map(\.id.job), [first.id, second.id], "the order")
            try probe.requireEqual(leases[0].submission.payload, first.payload, "the payload")
            try probe.requireEqual(leases[0].submission.attachments.map(\.bytes), [[1, 2, 3], []], "the attachments")
            try probe.requireEqual(leases[0].submission.tags, first.tags, "the tags")
            try probe.requireEqual(leases[0].submission.recipients, first.recipients, "the recipients")
            try probe.requireEqual(leases[0].recipients.map(\.status), [.pending], "the status")
            try probe.requireEqual(leases.map(\.attempt), [1, 1], "the attempt")
        },
        BrokerClause("Offering a submission again never makes a second job") { probe in
            let submission = probe.submission()
            _ = try await probe.enqueue(submission)
            let again = try await probe.enqueue(submission, submission)
            try probe.requireEqual(again, [.duplicate(of: submission.id), .duplicate(of: submission.id)], "the answer")
            let leases = try await probe.lease()
            try probe.requireEqual(leases.count, 1, "the number of jobs")
        },
        BrokerClause("A key answers with its job until its lifetime after settlement is over") { probe in
            let first = probe.submission(key: "k")
            _ = try await probe.enqueue(first)
            let second = try await probe.enqueue(probe.submission(key: "k"))
            try probe.requireEqual(second, [.duplicate(of: first.id)], "the answer while it waits")
            try await probe.settle(try await probe.leaseOne(), .finished, ["a@example.org": .accepted])
            probe.clock.advance(by: .seconds(59))
            let third = try await probe.enqueue(probe.submission(key: "k"))
            try probe.requireEqual(third, [.duplicate(of: first.id)], "the answer within its lifetime")
            probe.clock.advance(by: .seconds(2))
            let last = probe.submission(key: "k")
            let fourth = try await probe.enqueue(last)
            try probe.requireEqual(fourth, [.queued(last.id)], "the answer after its lifetime")
        },
        BrokerClause("A key with other content refuses the whole call, and nothing of it is stored") { probe in
            _ = try await probe.enqueue(probe.submission(key: "k"))
            do {
                _ = try await probe.enqueue(probe.submission(), probe.submission(key: "k", content: 1))
                try probe.require(false, "nothing was thrown")
            } catch let error as BrokerError {
                try probe.requireEqual(error.code, .conflict, "the error")
                try probe.require(!error.mayHaveStored, "the error leaves in doubt whether something was stored")
            }
            let leases = try await probe.lease()
            try probe.requireEqual(leases.count, 1, "the number of jobs")
        },
        BrokerClause("A job is not handed out before it is due") { probe in
            _ = try await probe.enqueue(probe.submission(delay: .seconds(2)))
            let early = try await probe.lease()
            try probe.requireEqual(early.count, 0, "the number of jobs before it")
            probe.clock.advance(by: .seconds(2))
            _ = try await probe.leaseOne()
        },
        BrokerClause("A job past its expiry is not handed out, and is dead") { probe in
            let submission = probe.submission(expiresAfter: .seconds(5))
            _ = try await probe.enqueue(submission)
            probe.clock.advance(by: .seconds(5))
            let leases = try await probe.lease()
            try probe.requireEqual(leases.count, 0, "the number of jobs")
            guard let records = probe.broker as? any SendRecords else { return }
            let record = try await records.records(of: [submission.id])[0]
            try probe.requireEqual(record?.state, .dead, "the state")
            try probe.requireEqual(record?.recipients.map(\.status), [.failed], "the recipient")
        },
    ]
}

import Mailroom

extension BrokerContract {
    static let content: [BrokerClause] = [
        BrokerClause("A payload is bytes of any value, of any number, even none") { probe in
            let every = (0...255).map { UInt8($0) }
            let payloads = [[], every, Array("\r\n.\r\n\0".utf8), Array(repeating: every, count: 4096).flatMap { $0 }]
            let submissions = payloads.map { payload in
                var submission = probe.submission()
                submission.payload = payload
                submission.attachments = [Attachment.Content(payload)]
                return submission
            }
            try await probe.submit(submissions)
            let leases = try await probe.lease()
            try probe.requireJobs(leases.map(\.id.job), submissions.map(\.id), "what is to be done")
            for (lease, submission) in zip(leases, submissions) {
                try probe.requireContent(lease.submission, submission)
            }
        },
        BrokerClause("Jobs share an attachment, and each has it until it is done itself") { probe in
            let shared = Attachment.Content(Array(repeating: 7, count: 3000))
            let submissions = (0..<4).map { (number: UInt8) in
                var submission = probe.submission()
                submission.attachments = [shared, Attachment.Content([number]), shared]
                return submission
            }
            try await probe.submit(Array(submissions[..<3]))
            try await probe.end(try await probe.leaseNext(), as: .finished)
            let dead = try await probe.leaseNext()
            try await probe.end(dead, as: .dead)
            try await probe.submit(submissions[3])
            let leases = try await probe.lease()
            try probe.requireJobs(leases.map(\.id.job), submissions[2...].map(\.id), "what is left to be done")
            for (lease, submission) in zip(leases, submissions[2...]) {
                try probe.requireContent(lease.submission, submission)
                try await probe.settle(lease, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            }
            let again = try await probe.lease()
            for (lease, submission) in zip(again, submissions[2...]) {
                try probe.requireContent(lease.submission, submission)
            }
        },
        BrokerClause("An attachment stays for the others when one of its jobs is removed") { probe in
            let administration = try probe.administration
            var (first, second) = (probe.submission(), probe.submission())
            first.attachments = [Attachment.Content(Array(repeating: 7, count: 3000))]
            second.attachments = first.attachments
            try await probe.submit(first, second)
            try await probe.end(try await probe.leaseNext(), as: .dead)
            let removed = try await administration.forget([first.id], in: [.dead])
            try probe.requireJobs(removed, [first.id], "what was removed")
            try probe.requireContent(try await probe.leaseOne().submission, second)
        },
        BrokerClause("Text is kept as it is: empty, unicode, line ends, NUL, very long") { probe in
            let odd = ["", "é", "e\u{301}", "日本語 👩‍👩‍👧", "a\r\nb\n", "\0", "\u{FEFF}x", " ", "\"\\'{}:,", "\u{10FFFF}"]
            var submission = probe.submission()
            for (number, text) in odd.enumerated() { submission.tags["\(text)\(number)"] = text }
            submission.tags[""] = ""
            submission.recipients = odd.map { .to($0 + "@example.org", name: $0) }
            submission.recipients += [.to(String(repeating: "a", count: 5000) + "@example.org")]
            submission.messageID = "\0é\n@example.org"
            submission.retryPolicy = "é\0"
            submission.idempotency = .init(
                key: odd.joined(), lifetime: .seconds(60), fingerprint: Fingerprint(of: []))
            try await probe.submit(submission)
            let lease = try await probe.leaseOne()
            try probe.requireWhole(lease.submission, submission)
            try probe.requireEqual(
                lease.submission.recipients.map { Array($0.address.unicodeScalars) },
                submission.recipients.map { Array($0.address.unicodeScalars) }, "the addresses' characters")
            try probe.requireEqual(lease.recipients.map(\.recipient), submission.recipients, "who is recorded")
        },
        BrokerClause("Queues and workers have any name") { probe in
            let queues: [QueueName] = ["é:1", "a b", "a\nb", "{default}", "*", "../x", "\0"]
            let submissions = queues.map { probe.submission(queue: $0) }
            try await probe.submit(submissions)
            for (queue, submission) in zip(queues, submissions) {
                let leases = try await probe.lease(from: [queue], worker: "wörker \0\n\(queue)")
                try probe.requireJobs(leases.map(\.id.job), [submission.id], "what came of queue \(queue)")
                try probe.requireEqual(leases[0].submission.queue, queue, "the queue")
            }
        },
        BrokerClause("A finished job's content is gone, and nothing hands it out again") { probe in
            let administration = try probe.administration
            let job = try await probe.job(.finished)
            let revived = try await administration.retry([job])
            try probe.requireJobs(revived, [], "what was made ready again")
            try await probe.requireState(job, .finished, "after a person's retry")
        },
    ]
}

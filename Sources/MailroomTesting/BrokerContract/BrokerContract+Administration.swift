import Mailroom

extension BrokerContract {
    static let administration = [
        BrokerClause("Counts tell every job's state") { probe in
            guard let broker = probe.broker as? any BrokerAdministration else { return }
            _ = try await probe.enqueue(
                probe.submission(), probe.submission(), probe.submission(), probe.submission(delay: .seconds(9)))
            let leases = try await probe.lease(2)
            try await probe.settle(leases[0], .finished, ["a@example.org": .accepted])
            let counts = try await broker.counts()
            try probe.requireEqual(
                counts.first?.jobs.filter { $0.value > 0 }, [.finished: 1, .leased: 1, .ready: 1, .scheduled: 1],
                "the counts")
        },
        BrokerClause("Only what nobody holds and nothing has settled is cancelled") { probe in
            guard let broker = probe.broker as? any BrokerAdministration else { return }
            let (held, waiting) = (probe.submission(), probe.submission())
            _ = try await probe.enqueue(held, waiting)
            let lease = try await probe.lease(1)[0]
            let ended = try await broker.cancel([held.id, waiting.id], reason: "cancelled")
            try probe.requireEqual(ended, [waiting.id], "what was ended")
            let again = try await broker.cancel([waiting.id], reason: "cancelled")
            try probe.requireEqual(again, [], "what was ended again")
            let left = try await probe.lease()
            try probe.requireEqual(left.count, 0, "the number of jobs left")
            let result = try await probe.settle(lease, .finished, ["a@example.org": .accepted])
            try probe.requireEqual(result, .settled(.finished), "the job in hand")
        },
        BrokerClause("A person's retry owes the message to whoever did not get it, from attempt 1") { probe in
            guard let broker = probe.broker as? any BrokerAdministration else { return }
            let submission = probe.submission(to: ["a@example.org", "b@example.org"])
            _ = try await probe.enqueue(submission)
            try await probe.settle(
                try await probe.leaseOne(), .dead, ["a@example.org": .accepted, "b@example.org": .refused])
            let revived = try await broker.retry([submission.id])
            try probe.requireEqual(revived, [submission.id], "what was revived")
            let lease = try await probe.leaseOne()
            try probe.requireEqual(lease.attempt, 1, "the attempt")
            try probe.requireEqual(lease.recipients.map(\.status), [.sent, .pending], "the statuses")
            try probe.requireEqual(lease.submission.payload, submission.payload, "the payload")
        },
        BrokerClause("Pruning removes old settled jobs, but none whose key lives") { probe in
            guard let broker = probe.broker as? any BrokerAdministration else { return }
            let (keyed, plain) = (probe.submission(key: "k"), probe.submission())
            _ = try await probe.enqueue(keyed, plain, probe.submission())
            for lease in try await probe.lease(2) {
                try await probe.settle(lease, .finished, ["a@example.org": .accepted])
            }
            probe.clock.advance(by: .seconds(10))
            let first = try await broker.prune(settledBefore: probe.clock.now(), states: [.finished])
            try probe.requireEqual(first, 1, "the number removed while the key lives")
            probe.clock.advance(by: .seconds(60))
            let second = try await broker.prune(settledBefore: probe.clock.now(), states: [.finished])
            try probe.requireEqual(second, 1, "the number removed after that")
            _ = try await probe.leaseOne()
        },
        BrokerClause("Sends are listed the latest first, by status and tag") { probe in
            guard let records = probe.broker as? any SendRecords else { return }
            var tagged = probe.submission(to: ["a@example.org", "b@example.org"])
            tagged.tags = ["club": "x"]
            _ = try await probe.enqueue(tagged, probe.submission(to: ["c@example.org"]))
            try await probe.settle(
                try await probe.lease(1)[0], .dead, ["a@example.org": .accepted, "b@example.org": .refused])
            let latest = try await records.sends(matching: SendQuery(limit: 2))
            try probe.requireEqual(
                latest.map(\.recipient.recipient.address), ["c@example.org", "a@example.org"], "the latest two")
            let failed = try await records.sends(matching: SendQuery(status: .failed))
            try probe.requireEqual(failed.map(\.recipient.recipient.address), ["b@example.org"], "the failed ones")
            let counts = try await records.sendCounts(matching: SendQuery(tags: ["club": "x"]))
            try probe.requireEqual(counts.filter { $0.value > 0 }, [.sent: 1, .failed: 1], "the counts of a tag")
        },
    ]
}

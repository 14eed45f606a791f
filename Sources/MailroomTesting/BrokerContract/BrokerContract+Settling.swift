import Mailroom

extension BrokerContract {
    static let settling = [
        BrokerClause("A retry comes back when it is due, as the next attempt") { probe in
            _ = try await probe.enqueue(probe.submission())
            let first = try await probe.leaseOne()
            let result = try await probe.settle(
                first, .retry(notBefore: probe.after(.seconds(10))), ["a@example.org": .refusedForNow])
            try probe.requireEqual(result, .settled(.scheduled), "the answer")
            probe.clock.advance(by: .seconds(9))
            let early = try await probe.lease()
            try probe.requireEqual(early.count, 0, "the number of jobs before it is due")
            probe.clock.advance(by: .seconds(1))
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.attempt, 2, "the attempt")
            try probe.require(!second.earlierAttemptLost, "a settled attempt counts as lost")
        },
        BrokerClause("Neither a snooze nor a release uses up an attempt") { probe in
            _ = try await probe.enqueue(probe.submission())
            try await probe.settle(try await probe.leaseOne(), .snooze(until: probe.after(.seconds(5))))
            let early = try await probe.lease()
            try probe.requireEqual(early.count, 0, "the number of jobs within the snooze")
            probe.clock.advance(by: .seconds(5))
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.attempt, 1, "the attempt after a snooze")
            try await probe.settle(second, .release)
            let third = try await probe.leaseOne()
            try probe.requireEqual(third.attempt, 1, "the attempt after a release")
            try probe.require(!third.earlierAttemptLost, "a release counts as a lost attempt")
        },
        BrokerClause("Facts move forward only, recipient by recipient") { probe in
            _ = try await probe.enqueue(probe.submission(to: ["a@example.org", "b@example.org", "c@example.org"]))
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)),
                ["a@example.org": .accepted, "b@example.org": .refusedForNow, "c@example.org": .unknown])
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.recipients.map(\.status), [.sent, .pending, .unknown], "the statuses")
            try await probe.settle(
                second, .finished,
                ["a@example.org": .refused, "b@example.org": .accepted, "c@example.org": .accepted])
            guard let records = probe.broker as? any SendRecords else { return }
            let record = try await records.records(of: [second.id.job])[0]
            try probe.requireEqual(record?.recipients.map(\.status), [.sent, .sent, .sent], "the last statuses")
            try probe.requireEqual(
                record?.recipients.map(\.isPossibleDuplicate), [false, false, true], "the possible duplicates")
            try probe.requireEqual(record?.state, .finished, "the state")
        },
        BrokerClause("Late facts are merged, late decisions are not") { probe in
            _ = try await probe.enqueue(probe.submission(to: ["a@example.org", "b@example.org"]))
            let late = try await probe.leaseOne()
            probe.clock.advance(by: .seconds(30))
            let current = try await probe.leaseOne()
            let result = try await probe.settle(late, .dead, ["a@example.org": .accepted], reason: "late")
            try probe.requireEqual(result, .leaseLost, "the answer to the late worker")
            let answer = try await probe.settle(
                current, .retry(notBefore: probe.after(.zero)),
                ["a@example.org": .refusedForNow, "b@example.org": .refusedForNow])
            try probe.requireEqual(answer, .settled(.ready), "the answer to the current worker")
            let next = try await probe.leaseOne()
            try probe.requireEqual(next.recipients.map(\.status), [.sent, .pending], "the statuses")
        },
        BrokerClause("A job ends in the state that its recipients give") { probe in
            let cases: [(next: Settlement.Next, outcome: RecipientOutcome.Status, state: JobState)] = [
                (.finished, .accepted, .finished), (.dead, .refused, .dead), (.dead, .refusedForNow, .dead),
                (.dead, .unknown, .held), (.held, .unknown, .held),
            ]
            for (next, outcome, state) in cases {
                _ = try await probe.enqueue(probe.submission())
                let result = try await probe.settle(try await probe.leaseOne(), next, ["a@example.org": outcome])
                try probe.requireEqual(result, .settled(state), "\(next) with \(outcome)")
            }
            let left = try await probe.lease()
            try probe.requireEqual(left.count, 0, "the number of jobs left")
        },
        BrokerClause("Settling again answers as the first time and changes nothing") { probe in
            _ = try await probe.enqueue(probe.submission())
            let lease = try await probe.leaseOne()
            try await probe.settle(lease, .finished, ["a@example.org": .accepted])
            let again = try await probe.settle(lease, .finished, ["a@example.org": .accepted])
            try probe.requireEqual(again, .settled(.finished), "the second answer")
            let other = try await probe.settle(lease, .retry(notBefore: probe.after(.zero)))
            try probe.requireEqual(other, .settled(.finished), "the answer to another decision")
            let left = try await probe.lease()
            try probe.requireEqual(left.count, 0, "the number of jobs left")
            guard let records = probe.broker as? any SendRecords else { return }
            let record = try await records.records(of: [lease.id.job])[0]
            try probe.requireEqual(record?.recipients.map(\.isPossibleDuplicate), [false], "the possible duplicates")
        },
        BrokerClause("What arrived late finishes a job that was given up") { probe in
            guard let records = probe.broker as? any SendRecords else { return }
            _ = try await probe.enqueue(probe.submission())
            let late = try await probe.leaseOne()
            probe.clock.advance(by: .seconds(30))
            try await probe.settle(try await probe.leaseOne(), .dead, reason: "workerLost")
            try await probe.settle(late, .finished, ["a@example.org": .accepted])
            let record = try await records.records(of: [late.id.job])[0]
            try probe.requireEqual(record?.state, .finished, "the state")
            try probe.requireEqual(record?.recipients.map(\.status), [.sent], "the status")
        },
    ]
}

import Mailroom

extension BrokerContract {
    static let facts: [BrokerClause] = [
        BrokerClause("Facts move forward only, recipient by recipient") { probe in
            let steps:
                [(one: RecipientOutcome.Status, other: RecipientOutcome.Status, status: RecipientRecord.Status)] =
                    [
                        (.accepted, .refused, .sent), (.accepted, .unknown, .sent), (.accepted, .refusedForNow, .sent),
                        (.refusedForNow, .accepted, .sent), (.unknown, .accepted, .sent), (.refused, .accepted, .sent),
                        (.unknown, .refused, .failed), (.unknown, .refusedForNow, .unknown),
                        (.refused, .unknown, .failed),
                        (.refused, .refusedForNow, .failed), (.refusedForNow, .unknown, .unknown),
                        (.refusedForNow, .refusedForNow, .pending),
                    ]
            let who = (100..<100 + steps.count).map { "r\($0)@example.org" }
            try await probe.submit(probe.submission(to: who))
            for outcomes in [steps.map(\.one), steps.map(\.other)] {
                try await probe.settle(
                    try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)),
                    Dictionary(uniqueKeysWithValues: zip(who, outcomes)))
            }
            let seen = try await probe.leaseOne().recipients
            try probe.requireEqual(seen.map(\.recipient.address), who, "who is recorded")
            for (step, record) in zip(steps, seen) {
                try probe.requireEqual(record.status, step.status, "\(step.one), then \(step.other),")
            }
        },
        BrokerClause("Who is left out of a report, and a report on a stranger, changes nothing") { probe in
            try await probe.submit(probe.submission(to: [ann, bob]))
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)),
                [ann: .accepted, cat: .accepted, "": .refused, "BOB@example.com": .refused])
            let second = try await probe.leaseOne()
            try probe.requireEqual(second.recipients.map(\.recipient.address), [ann, bob], "who is recorded")
            try probe.requireEqual(second.recipients.map(\.status), [.sent, .pending], "the statuses")
        },
        BrokerClause("Accepted after doubt, or twice, or after a lost worker, is a possible duplicate") { probe in
            try await probe.submit(probe.submission(to: [ann, bob, cat]))
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)),
                [ann: .unknown, bob: .accepted, cat: .refusedForNow])
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)),
                [ann: .accepted, bob: .accepted, cat: .accepted])
            let lease = try await probe.leaseOne()
            try probe.requireEqual(
                lease.recipients.map(\.isPossibleDuplicate), [true, true, false], "who may have it twice")
            try await probe.end(lease, as: .finished)
            try await probe.submit(probe.submission(to: [ann, bob]))
            _ = try await probe.leaseOne()
            probe.pass(30)
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)), [ann: .accepted])
            let next = try await probe.leaseOne()
            try probe.requireEqual(
                next.recipients.map(\.isPossibleDuplicate), [true, false], "who may have it twice after a lost worker")
        },
        BrokerClause("Late facts are merged, late decisions are not") { probe in
            try await probe.submit(probe.submission(to: [ann, bob]))
            let late = try await probe.leaseOne()
            probe.pass(30)
            let current = try await probe.leaseOne()
            let result = try await probe.settle(late, .dead, [ann: .accepted], reason: "late")
            try probe.requireEqual(result, .leaseLost, "the answer to the late worker")
            let answer = try await probe.settle(
                current, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow, bob: .refusedForNow])
            try probe.requireEqual(answer, .settled(.ready), "the answer to the current worker")
            let next = try await probe.leaseOne()
            try probe.requireEqual(next.recipients.map(\.status), [.sent, .pending], "the statuses")
        },
        BrokerClause("Late facts that leave nobody owed take the job out of line") { probe in
            try await probe.submit(probe.submission())
            let late = try await probe.leaseOne()
            probe.pass(30)
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.seconds(5))), [ann: .refusedForNow])
            let result = try await probe.settle(late, .finished, [ann: .accepted])
            try probe.requireEqual(result, .leaseLost, "the answer to the late worker")
            probe.pass(5)
            try await probe.requireNoneDue("although everyone has it")
        },
        BrokerClause("What arrived late finishes a job that was given up") { probe in
            _ = try probe.records
            for state in [JobState.dead, .held] {
                try await probe.submit(probe.submission())
                let late = try await probe.leaseOne()
                probe.pass(30)
                try await probe.end(try await probe.leaseOne(), as: state)
                try await probe.settle(late, .finished, [ann: .accepted])
                let record = try await probe.record(late.id.job)
                try probe.requireEqual(record.state, .finished, "the state of a job that was \(state)")
                try probe.requireEqual(record.recipients.map(\.status), [.sent], "the status")
            }
        },
        BrokerClause("What is settled again is merged once") { probe in
            _ = try probe.records
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            let settlement = probe.settlement(lease, .finished, [ann: .accepted])
            _ = try await probe.settle([settlement, settlement])
            probe.pass(1)
            _ = try await probe.settle([settlement])
            let record = try await probe.record(lease.id.job)
            try probe.requireEqual(record.recipients.map(\.isPossibleDuplicate), [false], "the possible duplicates")
            try probe.requireEqual(record.updatedAt, probe.after(.seconds(-1)), "when it was settled")
        },
        BrokerClause("Why a job failed is kept, and forgotten once everyone has it") { probe in
            _ = try probe.records
            let words = "450 4.7.1 \"später\"\n\0 – 再試行"
            try await probe.submit(probe.submission())
            let nexts: [Settlement.Next] = [
                .retry(notBefore: probe.after(.zero)), .snooze(until: probe.after(.zero)), .held, .dead,
            ]
            for next in nexts {
                if next == .held || next == .dead { try await probe.submit(probe.submission()) }
                let lease = try await probe.leaseNext()
                try await probe.settle(lease, next, reason: "\(words) \(next)")
                let record = try await probe.record(lease.id.job)
                try probe.requireEqual(record.error, "\(words) \(next)", "the error after \(next)")
            }
            let lease = try await probe.leaseOne()
            try await probe.settle(lease, .retry(notBefore: probe.after(.zero)), reason: words)
            try await probe.end(try await probe.leaseOne(), as: .finished)
            try probe.requireEqual(try await probe.record(lease.id.job).error, nil, "the error of a finished job")
        },
    ]

    static let attempts: [BrokerClause] = [
        BrokerClause("Neither a snooze nor a release uses up an attempt") { probe in
            try await probe.submit(probe.submission())
            try await probe.settle(try await probe.leaseOne(), .snooze(until: probe.after(.seconds(5))), reason: "busy")
            try await probe.requireNoneDue("within the snooze")
            probe.pass(5)
            let second = try await probe.leaseOne("after a snooze")
            try probe.requireEqual(second.attempt, 1, "the attempt after a snooze")
            try await probe.settle(second, .release)
            let third = try await probe.leaseOne("after a release")
            try probe.requireEqual(third.attempt, 1, "the attempt after a release")
            try probe.require(!third.earlierAttemptLost, "a release counts as a lost attempt")
        },
        BrokerClause("A lost worker has used up an attempt, and that is told until one is settled") { probe in
            try await probe.submit(probe.submission())
            _ = try await probe.leaseOne()
            probe.pass(30)
            let second = try await probe.leaseOne("after the first worker")
            try probe.requireEqual(second.attempt, 2, "the attempt")
            try probe.require(second.earlierAttemptLost, "the lost attempt is not told")
            probe.pass(30)
            let third = try await probe.leaseOne("after the second worker")
            try probe.requireEqual(third.attempt, 3, "the next attempt")
            try probe.require(third.earlierAttemptLost, "the second lost attempt is not told")
            try await probe.settle(third, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            let fourth = try await probe.leaseOne("after the retry")
            try probe.requireEqual(fourth.attempt, 4, "the last attempt")
            try probe.require(!fourth.earlierAttemptLost, "a settled attempt counts as lost")
        },
        BrokerClause("Attempts are counted once each, on record too") { probe in
            _ = try probe.records
            try await probe.submit(probe.submission())
            var seen: [Int] = []
            for next in [Settlement.Next.retry(notBefore: probe.after(.zero)), .release, .finished] {
                let lease = try await probe.leaseOne()
                seen.append(try await probe.record(lease.id.job).attempts)
                try await probe.settle(lease, next, next == .finished ? [ann: .accepted] : [ann: .refusedForNow])
                seen.append(try await probe.record(lease.id.job).attempts)
            }
            try probe.requireEqual(
                seen, [1, 1, 2, 1, 2, 2], "the attempts while leased and after a retry, a release and the end")
        },
    ]
}

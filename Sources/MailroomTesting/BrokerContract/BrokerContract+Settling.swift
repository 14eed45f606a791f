import Mailroom

extension BrokerContract {
    static let settling: [BrokerClause] = [
        BrokerClause("A job ends in the state that its recipients give") { probe in
            let cases: [(next: Settlement.Next, outcome: RecipientOutcome.Status, state: JobState)] = [
                (.finished, .accepted, .finished), (.dead, .refused, .dead), (.dead, .refusedForNow, .dead),
                (.dead, .unknown, .held), (.held, .unknown, .held), (.dead, .accepted, .finished),
                (.finished, .refused, .dead),
            ]
            for (next, outcome, state) in cases {
                try await probe.submit(probe.submission())
                let result = try await probe.settle(try await probe.leaseOne(), next, [ann: outcome])
                try probe.requireEqual(result, .settled(state), "\(next) with \(outcome)")
            }
            try await probe.requireNoneDue("after it was settled")
        },
        BrokerClause("One of several recipients decides: in doubt it is held, refused it is dead") { probe in
            let cases: [(outcomes: [String: RecipientOutcome.Status], state: JobState)] = [
                ([ann: .accepted, bob: .accepted], .finished), ([ann: .accepted, bob: .refused], .dead),
                ([ann: .unknown, bob: .accepted], .held), ([ann: .refused, bob: .unknown], .held),
                ([ann: .accepted], .dead),
            ]
            for (outcomes, state) in cases {
                try await probe.submit(probe.submission(to: [ann, bob]))
                let result = try await probe.settle(try await probe.leaseOne(), .dead, outcomes)
                try probe.requireEqual(result, .settled(state), "given up with \(outcomes)")
            }
        },
        BrokerClause("Waiting again is scheduled, or ready where it is due at once") { probe in
            let cases: [(next: Settlement.Next, state: JobState)] = [
                (.retry(notBefore: probe.after(.seconds(1))), .scheduled),
                (.retry(notBefore: probe.after(.zero)), .ready),
                (.snooze(until: probe.after(.seconds(1))), .scheduled), (.snooze(until: probe.after(.zero)), .ready),
                (.release, .ready),
            ]
            for (number, (next, state)) in cases.enumerated() {
                let queue = QueueName("\(number)")
                try await probe.submit(probe.submission(queue: queue))
                let result = try await probe.settle(try await probe.leaseOne(from: [queue]), next, reason: "again")
                try probe.requireEqual(result, .settled(state), "the answer to \(next)")
            }
        },
        BrokerClause("A retry comes back when it is due, as the next attempt") { probe in
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            try await probe.settle(lease, .retry(notBefore: probe.after(.seconds(10))), [ann: .refusedForNow])
            probe.pass(9)
            try await probe.requireNoneDue("a second before its retry")
            probe.pass(1)
            let second = try await probe.leaseOne("when the retry was due")
            try probe.requireEqual(second.attempt, 2, "the attempt")
            try probe.require(!second.earlierAttemptLost, "a settled attempt counts as lost")
            try probe.requireContent(second.submission, lease.submission)
        },
        BrokerClause("A batch of settlements is answered in its order, each by itself") { probe in
            try await probe.submit((0..<4).map { _ in probe.submission() })
            let late = try await probe.leaseNext()
            let leases = try await probe.leaseExactly(3, for: .seconds(60))
            let stranger = Settlement(Lease.ID(job: probe.submission().id, token: 1), next: .finished)
            probe.pass(30)
            let retaken = try await probe.leaseNext()
            let results = try await probe.settle([
                probe.settlement(leases[2], .retry(notBefore: probe.after(.seconds(5))), [ann: .refusedForNow]),
                probe.settlement(late, .dead, [ann: .refusedForNow], reason: "late"), stranger,
                probe.settlement(leases[0], .finished, [ann: .accepted]),
                probe.settlement(leases[1], .dead, [ann: .refused]),
                probe.settlement(retaken, .release),
            ])
            try probe.requireEqual(
                results,
                [
                    .settled(.scheduled), .leaseLost, .unknownJob, .settled(.finished), .settled(.dead),
                    .settled(.ready),
                ], "the answers")
            try await probe.requireLeased([retaken.id.job], "what is to be done")
        },
        BrokerClause("A settlement of a job that was never there is answered so") { probe in
            let lease = Lease.ID(job: probe.submission().id, token: 1)
            let results = try await probe.settle([Settlement(lease, next: .release)])
            try probe.requireEqual(results, [.unknownJob], "the answer")
            try await probe.requireNoneDue("although nothing was submitted")
        },
        BrokerClause("Settling again answers as the first time and changes nothing") { probe in
            try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            try await probe.end(lease, as: .finished)
            let again = try await probe.settle(lease, .finished, [ann: .accepted])
            try probe.requireEqual(again, .settled(.finished), "the second answer")
            let other = try await probe.settle(lease, .retry(notBefore: probe.after(.zero)))
            try probe.requireEqual(other, .settled(.finished), "the answer to another decision")
            try await probe.requireNoneDue("after it was finished")
        },
        BrokerClause("A job given up or held stays so when it is settled again") { probe in
            for state in [JobState.dead, .held] {
                try await probe.submit(probe.submission())
                let lease = try await probe.leaseOne()
                try await probe.end(lease, as: state)
                let again = try await probe.settle(lease, .release)
                try probe.requireEqual(again, .settled(state), "the second answer")
                try await probe.requireNoneDue("after it was \(state) and settled again")
            }
        },
        BrokerClause("A snooze or a retry told twice counts once, in two calls and in one") { probe in
            try await probe.submit(probe.submission())
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            let lease = try await probe.leaseOne()
            let snooze = probe.settlement(lease, .snooze(until: probe.after(.seconds(5))), reason: "busy")
            let results = try await probe.settle([snooze, snooze])
            try probe.requireEqual(results, [.settled(.scheduled), .settled(.scheduled)], "the answers in one call")
            let again = try await probe.settle([snooze])
            try probe.requireEqual(again, [.settled(.scheduled)], "the answer in another call")
            probe.pass(5)
            let next = try await probe.leaseOne("after the snooze")
            try probe.requireEqual(next.attempt, 2, "the attempt")
        },
        BrokerClause("A settlement told again does not disturb who has the job by now") { probe in
            try await probe.submit(probe.submission())
            let first = try await probe.leaseOne()
            let settlement = probe.settlement(first, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow])
            _ = try await probe.settle([settlement])
            let second = try await probe.leaseOne("after the retry")
            _ = try await probe.settle([settlement])
            try await probe.requireNoneDue("while another has it")
            let lost = try await probe.broker.extend([second.id], by: .seconds(30))
            try probe.requireEqual(lost, [], "what was lost")
            let result = try await probe.settle(second, .finished, [ann: .accepted])
            try probe.requireEqual(result, .settled(.finished), "the answer to who has the job")
        },
        BrokerClause("Held and dead jobs wait for a person, however long") { probe in
            for state in [JobState.dead, .held] {
                _ = try await probe.job(state, queue: .default)
                probe.pass(3600)
                try await probe.requireNoneDue("an hour after it was \(state)")
            }
        },
        BrokerClause("The fingerprint of what was sent first is told to every later attempt") { probe in
            let (first, other) = (Fingerprint(rawValue: .max - 5), Fingerprint(rawValue: 7))
            try await probe.submit(probe.submission())
            for (kept, told) in [(nil, nil), (nil, first), (first, other), (first, nil)]
                as [(Fingerprint?, Fingerprint?)]
            {
                let lease = try await probe.leaseOne()
                try probe.requireEqual(lease.fingerprint, kept, "the fingerprint told")
                try await probe.settle(
                    lease, .retry(notBefore: probe.after(.zero)), [ann: .refusedForNow], fingerprint: told)
            }
            let last = try await probe.leaseOne()
            try probe.requireEqual(last.fingerprint, first, "the fingerprint told at last")
        },
        BrokerClause("A late decision is refused, whatever it is") { probe in
            let late: [Settlement.Next] = [
                .finished, .retry(notBefore: probe.after(.zero)), .snooze(until: probe.after(.zero)), .release, .dead,
                .held,
            ]
            for next in late {
                try await probe.submit(probe.submission())
                let lost = try await probe.leaseOne()
                probe.pass(30)
                let current = try await probe.leaseOne("after the first lease ran out")
                let result = try await probe.settle(lost, next, reason: "late")
                try probe.requireEqual(result, .leaseLost, "the answer to a late \(next)")
                try await probe.requireNoneDue("after a late \(next)")
                try await probe.end(current, as: .finished)
                let after = try await probe.settle(lost, next, reason: "late")
                try probe.requireEqual(after, .leaseLost, "the answer to a late \(next), the job being finished")
                try await probe.requireNoneDue("after it was finished and a late \(next)")
            }
        },
    ]
}

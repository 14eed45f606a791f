import Mailroom

extension BrokerContract {
    static let events: [BrokerClause] = [
        BrokerClause("Everything that happens to a job is told, in its order, with the job and the time") { probe in
            let start = try await probe.feed.latestEvent()
            let job = try await probe.submit(probe.submission())[0]
            var promised = [JobEvent(job: job, kind: .submitted, time: probe.clock.now())]
            let steps: [(Settlement.Next, RecipientOutcome.Status, JobEvent.Kind)] = [
                (.retry(notBefore: probe.clock.now()), .refusedForNow, .retrying),
                (.snooze(until: probe.clock.now()), .refusedForNow, .snoozed), (.release, .refusedForNow, .released),
                (.finished, .accepted, .finished),
            ]
            for (next, outcome, kind) in steps {
                probe.clock.advance(by: .milliseconds(1234))
                try await probe.settle(try await probe.leaseOne(), next, [ann: outcome], reason: "why")
                promised.append(JobEvent(job: job, kind: kind, time: probe.clock.now()))
            }
            let told = try await probe.events(after: start)
            try probe.requireEqual(told.map(\.kind), promised.map(\.kind), "what was told")
            try probe.requireJobs(told.map(\.job), promised.map(\.job), "of whom it was told")
            for (event, other) in zip(told, promised) {
                try probe.requireTime(event.time, other.time, "the time of “\(event.kind)”")
            }
        },
        BrokerClause("Jobs given up, held and left in doubt are told as what they become") { probe in
            let cases: [(Settlement.Next, RecipientOutcome.Status, JobEvent.Kind)] = [
                (.dead, .refused, .dead), (.held, .unknown, .held), (.dead, .unknown, .held),
                (.finished, .refused, .dead), (.dead, .accepted, .finished),
            ]
            for (next, outcome, kind) in cases {
                try await probe.submit(probe.submission())
                let lease = try await probe.leaseOne()
                try await probe.requireEvents([kind], "\(next) with \(outcome)") {
                    try await probe.settle(lease, next, [ann: outcome], reason: "why")
                }
            }
        },
        BrokerClause("What a person does is told of each job it was done to") { probe in
            let (administration, _) = (try probe.administration, try probe.feed)
            try await probe.submit(probe.submission(delay: .seconds(1)), probe.submission())
            let jobs = try await probe.jobs()
            try await probe.requireEvents([.dead, .dead], "cancelling two jobs, twice") {
                for _ in 0..<2 { _ = try await administration.cancel(jobs, reason: "not wanted") }
            }
            try await probe.requireEvents([.revived, .revived], "retrying two jobs, twice") {
                for _ in 0..<2 { _ = try await administration.retry(jobs) }
            }
            try await probe.requireEvents([.removed], "forgetting one job, twice") {
                for _ in 0..<2 { _ = try await administration.forget([jobs[0]], in: [.ready]) }
            }
            try await probe.end(try await probe.leaseOne(), as: .dead)
            try await probe.requireEvents([.removed], "pruning one job, twice") {
                for _ in 0..<2 {
                    _ = try await administration.prune(settledBefore: probe.after(.seconds(1)), states: [.dead])
                }
            }
            _ = try await probe.job(.finished)
            try await probe.requireEvents([.removed], "erasing a sole recipient") {
                _ = try await administration.erase(recipient: ann)
            }
        },
        BrokerClause("An expired job is told as dead, once") { probe in
            _ = try probe.feed
            try await probe.submit(probe.submission(expiresAfter: .seconds(5)))
            probe.pass(5)
            try await probe.requireEvents([.dead], "an expiry") {
                for _ in 0..<2 { try await probe.requireNoneDue("after its expiry") }
            }
        },
        BrokerClause("What changes nothing is not told") { probe in
            _ = try probe.feed
            let submission = probe.submission(key: "k")
            try await probe.submit(submission)
            let late = try await probe.leaseOne()
            try await probe.requireEvents([], "leasing, extending, and what was refused or offered again") {
                _ = try await probe.enqueue(submission, probe.submission(key: "k"))
                _ = try? await probe.enqueue(probe.submission(), probe.submission(key: "k", content: 9))
                probe.pass(30)
                let lease = try await probe.leaseOne()
                _ = try await probe.broker.extend([lease.id, late.id], by: .seconds(30))
                try await probe.settle(late, .dead, reason: "late")
            }
            probe.pass(30)
            let lease = try await probe.leaseOne()
            try await probe.requireEvents([.finished], "settling three times") {
                let settlement = probe.settlement(lease, .finished, [ann: .accepted])
                _ = try await probe.settle([settlement, settlement])
                _ = try await probe.settle([settlement])
            }
        },
        BrokerClause("What arrived late and ends a job is told as its end") { probe in
            _ = try probe.feed
            try await probe.submit(probe.submission())
            let late = try await probe.leaseOne()
            probe.pass(30)
            try await probe.settle(
                try await probe.leaseOne(), .retry(notBefore: probe.after(.seconds(9))), [ann: .refusedForNow])
            try await probe.requireEvents([.finished], "a late success") {
                try await probe.settle(late, .finished, [ann: .accepted])
            }
        },
        BrokerClause("Events come after a cursor, at most as many as asked for, and none twice") { probe in
            let feed = try probe.feed
            let skipped = try await probe.submit(probe.submission())
            let start = try await feed.latestEvent()
            let jobs = try await probe.submit((0..<7).map { _ in probe.submission() })
            for limit in [1, 3, 7, 8] {
                let told = try await probe.events(after: start, limit: limit)
                try probe.requireJobs(
                    told.map(\.job), jobs, "what was told, \(limit) at a time, after \(skipped.count)")
            }
            let end = try await feed.latestEvent()
            let after = try await feed.events(after: end, limit: 10, wait: .zero)
            try probe.requireEqual(after.events, [], "what was told after the end")
            let more = try await probe.submit(probe.submission())
            let next = try await feed.events(after: after.next, limit: 10, wait: .zero)
            try probe.requireJobs(next.events.map(\.job), more, "what was told after that")
            try probe.require(!next.hasGap, "there was a gap after the end")
        },
        BrokerClause("A feed begins before anything has happened") { probe in
            let feed = try probe.feed
            let start = try await feed.latestEvent()
            let empty = try await feed.events(after: start, limit: 10, wait: .zero)
            try probe.requireEqual(empty.events, [], "what was told of nothing")
            try probe.require(!empty.hasGap, "there was a gap in an empty feed")
            let job = try await probe.submit(probe.submission())
            try probe.requireJobs(try await probe.events(after: start).map(\.job), job, "what was told then")
            try probe.requireJobs(try await probe.events(after: empty.next).map(\.job), job, "what was told after that")
        },
        BrokerClause("A cursor that the broker did not make is answered with a gap, and a place to go on") { probe in
            let feed = try probe.feed
            try await probe.submit(probe.submission())
            for place in ["no such place", "", "99999999999999999999999999", "-1", "é\0"] {
                let batch = try await feed.events(after: EventCursor(rawValue: place), limit: 100, wait: .seconds(3600))
                try probe.require(batch.hasGap, "the cursor “\(place)” was answered without a gap")
                let rest = try await probe.events(after: batch.next)
                try probe.requireEqual(rest, [], "what was told after the batch with the gap")
            }
            let foreign = try await feed.events(after: EventCursor(rawValue: "x"), limit: 100, wait: .zero)
            let job = try await probe.submit(probe.submission())
            try probe.requireJobs(try await probe.events(after: foreign.next).map(\.job), job, "what was told then")
        },
        BrokerClause("Whoever waits for an event is told as soon as something happens") { probe in
            let feed = try probe.feed
            let waiting = await probe.waitForEvents(after: try await feed.latestEvent(), on: feed)
            let job = try await probe.submit(probe.submission())
            let first = try await probe.answer(waiting, "after a job was submitted")
            try probe.requireJobs(first.events.map(\.job), job, "what was told")
            let lease = try await probe.leaseOne()
            let again = await probe.waitForEvents(after: first.next, on: feed)
            try await probe.settle(lease, .finished, [ann: .accepted])
            let second = try await probe.answer(again, "after a job was settled")
            try probe.requireEqual(second.events.map(\.kind), [.finished], "what was told then")
        },
        BrokerClause("Whoever waits for an event is told what a person does") { probe in
            let (feed, administration) = (try probe.feed, try probe.administration)
            let job = try await probe.job(.ready)
            var next = try await feed.latestEvent()
            let acts: [(JobEvent.Kind, @Sendable () async throws -> Void)] = [
                (.dead, { _ = try await administration.cancel([job], reason: "not wanted") }),
                (.revived, { _ = try await administration.retry([job]) }),
                (.removed, { _ = try await administration.erase(recipient: ann) }),
            ]
            for (kind, act) in acts {
                let waiting = await probe.waitForEvents(after: next, on: feed)
                try await act()
                let batch = try await probe.answer(waiting, "after a job was \(kind)")
                try probe.requireEqual(batch.events.map(\.kind), [kind], "what was told")
                next = batch.next
            }
        },
        BrokerClause("Waiting for an event ends with its time, or at once when it is cancelled") { probe in
            let feed = try probe.feed
            let end = try await feed.latestEvent()
            let waiting = await probe.waitForEvents(after: end, upTo: .seconds(5), on: feed)
            let batch = try await probe.answer(waiting, afterWaiting: .seconds(5))
            try probe.requireEqual(batch.events, [], "what was told of nothing")
            try probe.require(!batch.hasGap, "there was a gap in an empty feed")
            let other = await probe.waitForEvents(after: batch.next, on: feed)
            other.cancel()
            try await probe.requireCancelled(other, "after it was cancelled")
        },
    ]
}

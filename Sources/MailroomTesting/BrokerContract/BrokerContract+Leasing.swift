import Mailroom

extension BrokerContract {
    static let leasing: [BrokerClause] = [
        BrokerClause("A leased job is nobody else's until its lease ends") { probe in
            let job = try await probe.submit(probe.submission())
            _ = try await probe.leaseOne()
            probe.clock.advance(by: .milliseconds(29_999))
            try await probe.requireNoneDue("within another's lease")
            probe.clock.advance(by: .milliseconds(1))
            try await probe.requireLeased(job, "what is to be done after the lease")
        },
        BrokerClause("A lease lasts as long as was asked for") { probe in
            let jobs = try await probe.submit(probe.submission(), probe.submission())
            _ = try await probe.lease(1, for: .seconds(5))
            _ = try await probe.lease(1, for: .seconds(90))
            probe.pass(5)
            try await probe.requireLeased([jobs[0]], "what is to be done after 5 s")
            probe.pass(30)
            try await probe.requireLeased([jobs[0]], "what is to be done after 35 s")
            probe.pass(55)
            try await probe.requireLeased(jobs, "what is to be done after 90 s")
        },
        BrokerClause("No two leases of a job have one identity") { probe in
            try await probe.submit(probe.submission())
            var leases: [Lease] = []
            for next in [
                Settlement.Next.release, .retry(notBefore: probe.clock.now()), .snooze(until: probe.clock.now()),
            ] {
                leases.append(try await probe.leaseOne())
                try await probe.settle(leases.last!, next, reason: "again")
            }
            leases.append(try await probe.leaseOne())
            probe.pass(30)
            leases.append(try await probe.leaseOne("after a worker was lost"))
            try probe.requireEqual(Set(leases.map(\.id)).count, leases.count, "the number of different leases of five")
        },
        BrokerClause("An extended lease holds, counted from the extension") { probe in
            let job = try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            probe.pass(20)
            let kept = try await probe.broker.extend([lease.id], by: .seconds(30))
            try probe.requireEqual(kept, [], "what was lost")
            probe.pass(29)
            try await probe.requireNoneDue("within the extension")
            let shortened = try await probe.broker.extend([lease.id], by: .seconds(5))
            try probe.requireEqual(shortened, [], "what was lost later")
            probe.pass(5)
            try await probe.requireLeased(job, "what is to be done after the last extension")
        },
        BrokerClause("Of several leases, extending tells those that are lost, and the others hold") { probe in
            try await probe.submit((0..<4).map { _ in probe.submission() })
            let early = [try await probe.leaseNext(), try await probe.leaseNext(for: .seconds(45))]
            let settled = try await probe.leaseNext()
            try await probe.end(settled, as: .finished)
            let kept = try await probe.leaseNext(for: .seconds(40))
            probe.pass(30)
            let taken = try await probe.leaseNext()
            let stranger = Lease.ID(job: probe.submission().id, token: kept.id.token)
            let mixed = [early[0].id, kept.id, settled.id, stranger, taken.id]
            let lost = try await probe.broker.extend(mixed, by: .seconds(30))
            try probe.requireEqual(lost, [early[0].id, settled.id, stranger], "what was lost")
            probe.pass(29)
            try await probe.requireLeased([early[1].id.job], "what is to be done within the extension")
        },
        BrokerClause("A lease that ran out is still its worker's while nobody took the job") { probe in
            try await probe.submit(probe.submission(), probe.submission())
            let leases = try await probe.leaseExactly(2)
            probe.pass(31)
            let lost = try await probe.broker.extend([leases[0].id], by: .seconds(30))
            try probe.requireEqual(lost, [], "what was lost")
            try await probe.end(leases[1], as: .finished)
            try await probe.requireNoneDue("after the lease was extended")
        },
        BrokerClause("Tasks that submit, lease and settle at once get each job once") { probe in
            let broker = probe.broker
            let submissions = (0..<100).map { _ in probe.submission() }
            let taken = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for task in 0..<10 {
                    group.addTask {
                        _ = try await broker.enqueue(Array(submissions[task * 10..<task * 10 + 10]))
                        let leases = try await broker.lease(LeaseRequest(limit: 7, worker: "\(task)"))
                        let finished = leases.map { lease in
                            Settlement(
                                lease.id, report: DeliveryReport(all: lease.submission.recipients, .accepted),
                                next: .finished)
                        }
                        let results = try await broker.settle(finished)
                        try probe.require(
                            results == leases.map { _ in .settled(.finished) }, "jobs were settled as \(results)")
                        return leases.map(\.id.job)
                    }
                }
                return try await group.reduce(into: [JobID]()) { $0 += $1 }
            }
            let rest = try await probe.lease(200).map(\.id.job)
            try probe.requireEqual(taken.count + rest.count, 100, "how many leases there were of 100 jobs")
            try probe.requireEqual(Set(taken + rest), Set(submissions.map(\.id)), "the jobs leased")
            try await probe.requireNoneDue("after all was leased")
        },
        BrokerClause("A lost lease stays lost") { probe in
            let job = try await probe.submit(probe.submission())
            let first = try await probe.leaseOne()
            probe.pass(30)
            let second = try await probe.leaseOne("after the first lease")
            let lost = try await probe.broker.extend([first.id], by: .seconds(3600))
            try probe.requireEqual(lost, [first.id], "what was lost")
            try await probe.settle(second, .release)
            let again = try await probe.broker.extend([first.id], by: .seconds(3600))
            try probe.requireEqual(again, [first.id], "what was lost after the job was given back")
            try await probe.requireLeased(job, "what is to be done")
        },
    ]

    static let waiting: [BrokerClause] = [
        BrokerClause("A lease call that waits is answered as soon as a job is submitted") { probe in
            let waiting = await probe.waitForJobs()
            let job = try await probe.submit(probe.submission())
            let leases = try await probe.answer(waiting, "after a job was submitted")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
        },
        BrokerClause("A lease call that waits is answered when a job becomes due") { probe in
            let job = try await probe.submit(probe.submission(delay: .seconds(5)))
            let waiting = await probe.waitForJobs()
            probe.pass(5)
            let leases = try await probe.answer(waiting, "after a job became due")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
        },
        BrokerClause("A lease call that waits is answered when another's lease runs out") { probe in
            let job = try await probe.submit(probe.submission())
            _ = try await probe.leaseOne()
            let waiting = await probe.waitForJobs(worker: "other")
            probe.pass(30)
            let leases = try await probe.answer(waiting, "after another's lease ran out")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
            try probe.requireEqual(leases.map(\.earlierAttemptLost), [true], "whether an attempt was lost")
        },
        BrokerClause("A lease call that waits is answered when another gives a job back, or is to try it again") {
            probe in
            let job = try await probe.submit(probe.submission())
            for next in [Settlement.Next.release, .retry(notBefore: probe.clock.now())] {
                let lease = try await probe.leaseOne()
                let waiting = await probe.waitForJobs(worker: "other")
                try await probe.settle(lease, next, reason: "not now")
                let leases = try await probe.answer(waiting, "after \(next)")
                try probe.requireJobs(leases.map(\.id.job), job, "the answer")
                try await probe.settle(leases[0], .release)
            }
        },
        BrokerClause("A lease call that waits is answered when a retry is due that was asked for meanwhile") { probe in
            let job = try await probe.submit(probe.submission())
            let lease = try await probe.leaseOne()
            let waiting = await probe.waitForJobs(worker: "other")
            try await probe.settle(lease, .retry(notBefore: probe.after(.seconds(7))), [ann: .refusedForNow])
            probe.pass(7)
            let leases = try await probe.answer(waiting, "after the retry became due")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
        },
        BrokerClause("A lease call that waits is answered when a person makes a job ready again") { probe in
            let administration = try probe.administration
            let job = try await probe.job(.dead, queue: .default)
            let waiting = await probe.waitForJobs()
            _ = try await administration.retry([job])
            let leases = try await probe.answer(waiting, "after a person's retry")
            try probe.requireJobs(leases.map(\.id.job), [job], "the answer")
        },
        BrokerClause("A lease call whose time is up answers nothing") { probe in
            let waiting = await probe.waitForJobs(upTo: .seconds(5))
            let leases = try await probe.answer(waiting, afterWaiting: .seconds(5))
            try probe.requireEqual(leases.count, 0, "the number of jobs")
        },
        BrokerClause("Two lease calls that wait share two jobs") { probe in
            let (one, other) = (await probe.waitForJobs(worker: "a"), await probe.waitForJobs(worker: "b"))
            let jobs = try await probe.submit(probe.submission(), probe.submission())
            let leases =
                try await probe.answer(one, "after two jobs were submitted")
                + (try await probe.answer(other, "after two jobs were submitted"))
            try probe.requireEqual(Set(leases.map(\.id.job)), Set(jobs), "what both answered")
            try probe.requireEqual(leases.count, 2, "the number of leases")
        },
        BrokerClause("A job in another queue does not answer a lease call that waits") { probe in
            let waiting = await probe.waitForJobs(from: ["letters"])
            try await probe.submit(probe.submission())
            let job = try await probe.submit(probe.submission(queue: "letters"))
            let leases = try await probe.answer(waiting, "after a job for it was submitted")
            try probe.requireJobs(leases.map(\.id.job), job, "the answer")
        },
        BrokerClause("A lease call cancelled while it waits throws at once") { probe in
            let waiting = await probe.waitForJobs()
            waiting.cancel()
            try await probe.requireCancelled(waiting, "after it was cancelled")
        },
        BrokerClause("A lease call cancelled beforehand throws at once") { probe in
            let broker = probe.broker
            let call = Task { () async -> Result<[Lease], BrokerError> in
                withUnsafeCurrentTask { $0?.cancel() }
                do throws(BrokerError) {
                    return .success(try await broker.lease(LeaseRequest(wait: .seconds(3600), worker: "w")))
                } catch {
                    return .failure(error)
                }
            }
            try await probe.requireCancelled(call, "cancelled beforehand")
        },
        BrokerClause("A lease call that was cancelled takes no job with it") { probe in
            let waiting = await probe.waitForJobs()
            waiting.cancel()
            try await probe.requireCancelled(waiting, "after it was cancelled")
            let job = try await probe.submit(probe.submission())
            try await probe.requireLeased(job, "what is to be done")
        },
    ]
}

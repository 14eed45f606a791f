package import Foundation

extension QueueMachine {
    /// What a lease call would do: leases to grant, and jobs found past their expiry.
    package struct Picks: Sendable {
        package var leases: [Lease.ID] = []
        package var expired: [JobID] = []
    }

    /// Takes due jobs out of line, the first queue preferred. The caller applies ``QueueRecord/leased(_:)`` and
    /// ``QueueRecord/ended(_:reason:at:)`` for them, or puts them back.
    package func pick(_ request: LeaseRequest, now: Date, uptime: Duration) -> Picks {
        promote(now: now, uptime: uptime)
        var picks = Picks()
        var token = lastToken
        for queue in request.queues {
            guard lanes[queue] != nil else { continue }
            while picks.leases.count < request.limit, let next = lanes[queue]!.ready.pop() {
                let job = next.job
                guard job.stands(at: next) else { continue }
                if job.header.expiresAt <= now {
                    picks.expired.append(job.header.id)
                } else {
                    token += 1
                    picks.leases.append(Lease.ID(job: job.header.id, token: token))
                }
            }
        }
        return picks
    }

    /// Puts picked jobs back in line, in their old places: what was picked could not be recorded.
    package func putBack(_ picks: Picks) {
        for id in picks.leases.map(\.job) + picks.expired {
            guard let job = jobs[id] else { continue }
            let place = Waiting(due: job.due.milliseconds, sequence: job.sequence, job: job)
            if job.stands(at: place) { lanes[job.header.queue]?.ready.push(place) }
        }
    }

    /// When the next job becomes due by itself, in wall time and on the clock of leases.
    package func nextChange(in queues: [QueueName]) -> (due: Date?, expiry: Duration?) {
        var due: Int64?
        for queue in queues {
            while let next = lanes[queue]?.scheduled.top {
                guard next.job.isScheduled(at: next) else {
                    _ = lanes[queue]!.scheduled.pop()
                    continue
                }
                due = min(due ?? .max, next.due)
                break
            }
        }
        while let next = expiries.top, !next.holds { _ = expiries.pop() }
        return (due.map { Date(milliseconds: $0) }, expiries.top?.expires)
    }

    /// Ends the leases of workers that are gone, at once.
    package func expireLeases(ofWorkers isGone: (String) -> Bool) {
        for job in jobs.values where job.state == .leased && isGone(job.worker) { offer(job) }
    }

    /// Brings what is due into line, and jobs whose lease has ended.
    private func promote(now: Date, uptime: Duration) {
        promote(now: now)
        while let next = expiries.top, next.expires <= uptime {
            _ = expiries.pop()
            if next.holds { offer(next.job) }
        }
    }

    /// Brings what is due into line.
    func promote(now: Date) {
        let limit = now.milliseconds
        for queue in lanes.keys {
            while let next = lanes[queue]!.scheduled.top, next.due <= limit {
                _ = lanes[queue]!.scheduled.pop()
                guard next.job.isScheduled(at: next) else { continue }
                move(next.job, to: .ready)
                lanes[queue]!.ready.push(next)
            }
        }
    }

    /// A worker did not come back: its job stands in line again.
    private func offer(_ job: Job) {
        guard !job.isOffered else { return }
        job.isOffered = true
        sequence += 1
        job.sequence = sequence
        lanes[job.header.queue]?.ready.push(
            Waiting(due: job.due.milliseconds, sequence: job.sequence, job: job))
    }

    func grant(_ grants: Grants) {
        for lease in grants.leases {
            lastToken = max(lastToken, lease.token)
            guard let job = jobs[lease.job], !job.state.isSettled else { continue }
            // Nobody settled the earlier lease: its attempt is used up.
            if job.state == .leased {
                job.lostAttempts += 1
                job.mayHaveBeenSent = true
            }
            move(job, to: .leased)
            setAttempts(of: job, to: job.attempts + 1)
            job.token = lease.token
            job.worker = grants.worker
            job.expires = grants.expires
            expiries.push(Expiry(expires: grants.expires, token: lease.token, job: job))
        }
        compactExpiries()
    }

    /// Keeps count of the jobs that needed more than one attempt.
    func setAttempts(of job: Job, to attempts: Int) {
        if (job.attempts > 1) != (attempts > 1) { lanes[job.header.queue]?.retried += attempts > 1 ? 1 : -1 }
        job.attempts = attempts
    }

    private func compactExpiries() {
        let leased = lanes.values.reduce(0) { $0 + $1.counts[Int(JobState.leased.rawValue)] }
        expiries.compact(live: leased) { $0.holds }
    }

    func extend(_ leases: [Lease.ID], until expires: Duration) {
        for lease in leases {
            guard let job = jobs[lease.job], job.holds(lease) else { continue }
            job.expires = expires
            job.isOffered = false
            expiries.push(Expiry(expires: expires, token: lease.token, job: job))
        }
        compactExpiries()
    }

    /// Marks every job that was due as one that may have been sent: what was recorded last may be lost with the power.
    func restart(at time: Date) {
        for job in jobs.values where job.state == .ready || job.state == .scheduled && job.due <= time {
            job.mayHaveBeenSent = true
        }
    }

    /// Which of these leases no longer hold.
    package func lost(_ leases: [Lease.ID]) -> [Lease.ID] {
        leases.filter { !(jobs[$0.job]?.holds($0) ?? false) }
    }

    /// What a worker is given for a lease that was just granted. The submission comes without its content.
    package func lease(_ id: Lease.ID) -> (lease: Lease, content: Content)? {
        guard let job = jobs[id.job], job.holds(id) else { return nil }
        let lease = Lease(
            id: id, submission: job.header, attempt: job.attempts,
            earlierAttemptLost: job.lostAttempts > 0, recipients: job.recipients, fingerprint: job.fingerprint,
            isRevived: job.isRevived)
        return (lease, job.content)
    }
}

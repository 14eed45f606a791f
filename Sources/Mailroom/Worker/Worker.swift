import Synchronization

/// A run of workers: one task leases, a few deliver, one settles, one keeps leases and time limits.
final class Worker: Sendable {
    let pipeline: Pipeline
    let options: WorkerOptions
    let line = LeaseLine()
    let hands: Hands
    let settler: Settler
    /// Signalled when there may be room for more leases.
    let changes = Wakeup()
    private let pace = Mutex(Pace())
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        var error: WorkerError?
        var leasing: Task<Void, Never>?
        var leased = 0
    }

    init(_ pipeline: Pipeline, _ options: WorkerOptions) {
        self.pipeline = pipeline
        self.options = options
        hands = Hands()
        settler = Settler(pipeline, hands, changes)
    }

    func run() async -> Result<WorkSummary, WorkerError> {
        let leasing = Task { await lease() }
        let isStopped = state.withLock { state in
            state.leasing = leasing
            return state.isStopped
        }
        if isStopped { leasing.cancel() }
        let keeper = Task { await Keeper(self).run() }
        let settling = Task { await settler.run() }
        let clock = options.maximumTime.map { limit in
            Task {
                try? await pipeline.time.sleep(until: pipeline.time.uptime() + limit)
                stop()
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<options.concurrency { group.addTask { await self.deliver() } }
            await leasing.value
            line.finish()
        }
        settler.finish()
        await settling.value
        clock?.cancel()
        keeper.cancel()
        await keeper.value
        if let error = state.withLock({ $0.error }) { return .failure(error) }
        let unsaved = settler.unsaved
        guard unsaved == 0 else {
            return .failure(
                WorkerError(
                    reason: "the broker did not take \(unsaved) settlements before the worker had to stop: those jobs "
                        + "are handed out again and may be delivered twice"))
        }
        return .success(settler.summary)
    }

    /// Takes no new leases from now on, and gives back at once what nobody has begun.
    func stop() {
        let leasing = state.withLock { state in
            state.isStopped = true
            return state.leasing
        }
        leasing?.cancel()
        settler.stop(until: pipeline.time.uptime() + pipeline.limits.shutdownGrace)
        release(line.close())
        changes.signal()
    }

    private func release(_ leases: [Lease]) {
        for lease in leases { settler.add(.init(settlement: Settlement(lease.id, next: .release)), of: lease) }
    }

    /// Stops, and makes the run end with an error.
    func fail(_ reason: String) {
        state.withLock { state in
            if state.error == nil { state.error = WorkerError(reason: reason) }
        }
        stop()
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    // MARK: Leasing

    /// How long jobs wait behind deliveries that have turned slow before they are given back: others may be free.
    private static let lineLimit = Duration.seconds(1)

    private func lease() async {
        var failures = 0
        while !isStopped {
            let generation = changes.generation
            leaveToOthers(line.takeAll(unmovedSince: pipeline.time.uptime() - Worker.lineLimit))
            let wanted = wanted()
            guard wanted > 0 else {
                if remaining == 0 { return }
                await waitForChange(after: generation)
                if Task.isCancelled { return }
                continue
            }
            let request = LeaseRequest(
                queues: options.queues, limit: wanted, wait: options.stopsWhenEmpty ? .zero : options.sleep,
                duration: pipeline.limits.lease, worker: options.name)
            let asked = pipeline.time.uptime()
            do throws(BrokerError) {
                let leases = try await pipeline.broker.lease(request)
                failures = 0
                if leases.isEmpty {
                    guard options.stopsWhenEmpty else {
                        await rest(after: asked, request.wait)
                        continue
                    }
                    if hands.isEmpty { return stop() }
                    await waitForChange(after: generation)
                    continue
                }
                state.withLock { $0.leased += leases.count }
                hands.take(leases.map(\.id), until: asked + pipeline.limits.lease)
                release(line.append(leases, at: pipeline.time.uptime()))
            } catch {
                if error.code == .cancelled { return stop() }
                pipeline.emit(.brokerFailed(error.reason), job: nil)
                if error.code == .corrupt || error.code == .unsupported { return fail(error.reason) }
                failures += 1
                let wait = Duration.milliseconds(min(5000, 100 << min(failures, 6)))
                try? await pipeline.time.sleep(until: pipeline.time.uptime() + wait)
            }
        }
    }

    /// Gives back jobs that wait behind slow deliveries, and leases none ahead until jobs are quick again.
    private func leaveToOthers(_ leases: [Lease]) {
        guard !leases.isEmpty else { return }
        pace.withLock { $0.stall(of: options.concurrency) }
        giveBackUnbegun(leases)
    }

    /// Gives back what does not count as an attempt.
    private func giveBackUnbegun(_ leases: [Lease]) {
        state.withLock { $0.leased -= leases.count }
        release(leases)
    }

    /// Waits for room, or until jobs that wait in line are worth a look.
    private func waitForChange(after generation: UInt64) async {
        guard !line.isEmpty else { return await changes.wait(after: generation) }
        try? await changes.wait(
            after: generation, until: pipeline.time.uptime() + Worker.lineLimit, on: pipeline.time)
    }

    /// A broker that answers without having waited is not asked again at once.
    private func rest(after asked: Duration, _ wait: Duration) async {
        let now = pipeline.time.uptime()
        guard now < asked + wait else { return }
        try? await pipeline.time.sleep(until: min(asked + wait, now + .milliseconds(100)))
    }

    /// How many jobs to lease now: one for each idle delivery and, where jobs are quick, a few ahead. Zero until it
    /// is worth a call.
    private func wanted() -> Int {
        let ahead = pace.withLock { $0.jobsAhead(of: options.concurrency) }
        let room = options.concurrency + ahead - hands.unbegunAndRunning
        let threshold = max(1, ahead / 2)
        return room >= threshold ? min(room, remaining) : 0
    }

    private var remaining: Int {
        guard let maximum = options.maximumJobs else { return .max }
        return max(0, maximum - state.withLock { $0.leased })
    }

    // MARK: Delivering

    private func deliver() async {
        while let lease = await line.next(at: pipeline.time.uptime()) {
            let now = pipeline.time.uptime()
            guard let running = hands.begin(lease.id, at: now, deadline: now + pipeline.limits.job) else {
                // Its lease was lost, or may have been, before it was begun.
                giveBackUnbegun([lease])
                continue
            }
            let start = ContinuousClock.now
            let decision = await attempt(lease, running)
            pace.withLock { $0.note(ContinuousClock.now - start) }
            hands.end(lease.id)
            settler.add(decision, of: lease)
            changes.signal()
            await settler.room()
        }
    }

    private func attempt(_ lease: Lease, _ running: RunningAttempt) async -> Verdict.Decision {
        guard let policy = pipeline.policies[lease.submission.retryPolicy] else {
            let reason = "this worker has no retry policy \"\(lease.submission.retryPolicy)\": add it and retry the job"
            return .init(settlement: Settlement(lease.id, next: .held, reason: reason), failure: reason)
        }
        var verdict = Verdict(
            lease: lease, policy: policy, unknownOutcomes: pipeline.unknownOutcomes, jobLimit: pipeline.limits.job,
            now: pipeline.time.now(), random: pipeline.random.next())
        if lease.earlierAttemptLost, lease.attempt > 1 {
            let decision = verdict.decision(on: .workerLost)
            if case .dead = decision.settlement.next { return decision }
        }
        let attempt = Attempt(lease, in: pipeline)
        guard !attempt.owed.isEmpty else { return .init(settlement: Settlement(lease.id, next: .finished)) }
        let ending = await running.run(attempt)
        verdict.now = pipeline.time.now()
        let decision = verdict.decision(on: ending)
        if decision.settlement.next.usesAttempt { settler.countAttempt() }
        return decision
    }
}

/// How quick jobs are, and so how many to lease ahead of need: about as many as 20 ms of work, none where jobs are
/// slow, so that no job waits for a busy worker while another is idle.
private struct Pace {
    private var mean: Double = 0.1

    mutating func note(_ duration: Duration) { mean += (duration.seconds - mean) * 0.1 }

    /// Jobs have turned slow: none is leased ahead, however many deliveries there are.
    mutating func stall(of concurrency: Int) { mean = max(mean, 0.04 * Double(concurrency)) }

    func jobsAhead(of concurrency: Int) -> Int {
        min(64, Int(0.02 / max(mean, 1e-6) * Double(concurrency)))
    }
}

import Foundation

/// Keeps a worker's promises about time: extends its leases, cancels what outlives its limit, and removes old records.
struct Keeper {
    private let worker: Worker
    private let pipeline: Pipeline
    private let limits: PipelineLimits

    /// How long after cancellation a transport may take to return.
    private static let returnLimit = Duration.seconds(1)
    private static let pruneInterval = Duration.seconds(600)

    init(_ worker: Worker) {
        self.worker = worker
        pipeline = worker.pipeline
        limits = worker.pipeline.limits
    }

    /// Until it is cancelled. Each promise is kept by itself: a broker that does not answer suspends no time limit.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.enforceLimits() }
            group.addTask { await self.every(self.limits.leaseExtension) { await self.extend() } }
            group.addTask { await self.every(Keeper.pruneInterval) { await self.prune() } }
        }
    }

    private func every(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        let time = pipeline.time
        while true {
            do {
                try await time.sleep(until: time.uptime() + interval)
            } catch {
                return
            }
            await body()
        }
    }

    private func enforceLimits() async {
        let time = pipeline.time
        while true {
            do {
                try await time.sleep(until: enforce(time.uptime()))
            } catch {
                return
            }
        }
    }

    /// Cancels what is past its limit (which a stopping worker's grace exceeds), gives up on what does not return.
    /// Answers when to look again.
    private func enforce(_ now: Duration) -> Duration {
        // Whatever begins meanwhile has its limit later than this.
        var next = now + limits.job
        for attempt in worker.hands.running where !attempt.isAbandoned {
            if let cancelledAt = attempt.cancelledAt {
                if now >= cancelledAt + Keeper.returnLimit {
                    attempt.abandon()
                    worker.fail(
                        "a transport did not return within \(Keeper.returnLimit) of being cancelled; its recipients "
                            + "are recorded as unknown. Start this worker anew, and mend the transport")
                } else {
                    next = min(next, cancelledAt + Keeper.returnLimit)
                }
            } else if now >= attempt.deadline {
                attempt.cancel(.timeLimit, at: now)
                next = min(next, now + Keeper.returnLimit)
            } else {
                next = min(next, attempt.deadline)
            }
        }
        return next
    }

    private func extend() async {
        let leases = worker.hands.extendable
        guard !leases.isEmpty else { return }
        do throws(BrokerError) {
            let asked = pipeline.time.uptime()
            let lost = try await pipeline.broker.extend(leases, by: limits.lease)
            worker.hands.renew(leases, until: asked + limits.lease)
            guard !lost.isEmpty else { return }
            worker.hands.lose(lost, at: pipeline.time.uptime())
            try? await pipeline.time.sleep(until: pipeline.time.uptime() + Keeper.returnLimit)
            _ = enforce(pipeline.time.uptime())
        } catch {
            // The leases may run out; what is delivered is recorded all the same when it is settled.
            pipeline.emit(.brokerFailed(error.reason), job: nil)
        }
    }

    private func prune() async {
        guard let broker = pipeline.broker as? any BrokerAdministration else { return }
        let now = pipeline.time.now()
        do throws(BrokerError) {
            let retention = pipeline.retention
            _ = try await broker.prune(
                settledBefore: now.advanced(by: .zero - retention.finished), states: [.finished])
            if let failed = retention.failed {
                _ = try await broker.prune(settledBefore: now.advanced(by: .zero - failed), states: [.dead, .held])
            }
        } catch {
            pipeline.emit(.brokerFailed(error.reason), job: nil)
        }
    }
}
